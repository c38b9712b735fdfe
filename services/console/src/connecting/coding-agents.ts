import {
  type ClientConfig,
  KEY_VARIABLE,
  type ServerEndpoint,
  toJson,
  toKeyHeaders,
  toKeyOption,
} from './client-config.ts';

export function toCodingAgents(endpoint: ServerEndpoint): ClientConfig[] {
  return [
    toClaudeCode(endpoint),
    toCursor(endpoint),
    toVsCode(endpoint),
    toCodex(endpoint),
    toGeminiCli(endpoint),
    toOpencode(endpoint),
    toDevin(endpoint),
  ];
}

function toClaudeCode({ name, url, access }: ServerEndpoint): ClientConfig {
  return {
    client: 'Claude Code',
    where: toTerminal(access),
    // The option consumes everything that follows, so it comes last.
    text: `claude mcp add --transport http ${name} ${url} ${toKeyOption(access, '--header')}`.trim(),
  };
}

function toCursor({ name, url, access }: ServerEndpoint): ClientConfig {
  const server = { url, headers: toKeyHeaders(access, `\${env:${KEY_VARIABLE}}`) };
  const config = encodeURIComponent(btoa(JSON.stringify(server)));
  return {
    client: 'Cursor',
    where: `.cursor/mcp.json${access === 'key' ? `, with your key in the environment variable ${KEY_VARIABLE}` : ''}`,
    text: toJson({ mcpServers: { [name]: server } }),
    installLink: `cursor://anysphere.cursor-deeplink/mcp/install?name=${encodeURIComponent(name)}&config=${config}`,
  };
}

function toVsCode({ name, url, access }: ServerEndpoint): ClientConfig {
  const input = { type: 'promptString', id: 'key', description: `API key of ${name}`, password: true };
  const inputs = access === 'key' ? [input] : undefined;
  const type = 'http';
  const headers = toKeyHeaders(access, '${input:key}');
  return {
    client: 'VS Code',
    where: `.vscode/mcp.json${access === 'key' ? '; VS Code asks for your key' : ''}`,
    text: toJson({ inputs, servers: { [name]: { type, url, headers } } }),
    installLink: `vscode:mcp/install?${encodeURIComponent(JSON.stringify({ name, type, url, headers, inputs }))}`,
  };
}

function toCodex({ name, url, access }: ServerEndpoint): ClientConfig {
  if (access !== 'key') {
    return { client: 'Codex', where: toTerminal(access), text: `codex mcp add ${name} --url ${url}` };
  }
  return {
    client: 'Codex',
    where: `~/.codex/config.toml, with your key in the environment variable ${KEY_VARIABLE}`,
    text: `[mcp_servers.${name}]\nurl = "${url}"\nbearer_token_env_var = "${KEY_VARIABLE}"`,
  };
}

function toGeminiCli({ name, url, access }: ServerEndpoint): ClientConfig {
  return {
    client: 'Gemini CLI',
    where: toTerminal(access),
    text: `gemini mcp add --transport http ${toKeyOption(access, '-H')}-s user ${name} ${url}`,
  };
}

function toOpencode({ name, url, access }: ServerEndpoint): ClientConfig {
  const server = { type: 'remote', url, headers: toKeyHeaders(access, 'your key'), enabled: true };
  return { client: 'opencode', where: 'opencode.json', text: toJson({ mcp: { [name]: server } }) };
}

function toDevin({ name, url, access }: ServerEndpoint): ClientConfig {
  const client = 'Devin Desktop';
  if (access === 'key') return { client, where: 'Devin Desktop signs people in, and is not known to send API keys.' };
  return { client, where: '~/.config/devin/mcp_config.json', text: toJson({ mcpServers: { [name]: { url } } }) };
}

function toTerminal(access: ServerEndpoint['access']): string {
  return access === 'key' ? `in a terminal, with your key in ${KEY_VARIABLE}` : 'in a terminal';
}
