import {
  type Access,
  type ClientConfig,
  KEY_VARIABLE,
  type ServerEndpoint,
  TOKEN_VARIABLE,
  toCredentialOption,
} from './client-config.ts';

export function toTerminalCommands({ url, access }: ServerEndpoint): ClientConfig[] {
  const where = WHERE[access];
  return [
    {
      client: 'MCP Inspector',
      where,
      text: `npx @modelcontextprotocol/inspector --cli ${url} --transport http ${toCredentialOption(access, '--header')}--method tools/list`,
    },
    { client: 'curl', where, text: toCurl(url, access) },
  ];
}

const WHERE: Readonly<Record<Access, string>> = {
  nothing: 'in a terminal',
  key: `in a terminal, with your key in ${KEY_VARIABLE}`,
  'sign-in': `in a terminal, with an access token in ${TOKEN_VARIABLE}`,
};

function toCurl(url: string, access: Access): string {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
  const lines = [
    `curl ${url}`,
    `-H 'content-type: application/json'`,
    `-H 'accept: application/json, text/event-stream'`,
    toCredentialOption(access, '-H').trimEnd(),
    `-d '${body}'`,
  ];
  return lines.filter((line) => line !== '').join(' \\\n  ');
}
