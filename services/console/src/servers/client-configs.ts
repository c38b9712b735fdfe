/** How one kind of client is configured for a server. */
export type ClientConfig = {
  client: string;
  /** Where it goes: a file, or that it is run in a terminal. */
  where: string;
  text: string;
};

type Endpoint = { name: string; url: string };

const VARIABLE = 'TOOLPLANE_KEY';

/** Texts that people paste into their clients; the key stays in their environment, or the client asks for it. */
export function toClientConfigs({ name, url }: Endpoint): ClientConfig[] {
  return [
    {
      client: 'Claude Code',
      where: `in a terminal, with your key in ${VARIABLE}`,
      text: `claude mcp add --transport http --header "x-api-key: $${VARIABLE}" ${name} ${url}`,
    },
    {
      client: 'Claude Desktop',
      where: 'claude_desktop_config.json, by a bridge; or with OAuth: Settings → Connectors → Add custom connector',
      text: toJson({
        mcpServers: {
          [name]: {
            command: 'npx',
            args: ['-y', 'mcp-remote', url, '--header', 'x-api-key:${KEY}'],
            env: { KEY: 'your key' },
          },
        },
      }),
    },
    {
      client: 'Cursor',
      where: '.cursor/mcp.json',
      text: toJson({ mcpServers: { [name]: { url, headers: { 'x-api-key': `\${env:${VARIABLE}}` } } } }),
    },
    {
      client: 'VS Code',
      where: '.vscode/mcp.json',
      text: toJson({
        inputs: [{ type: 'promptString', id: 'key', description: `API key of ${name}`, password: true }],
        servers: { [name]: { type: 'http', url, headers: { 'x-api-key': '${input:key}' } } },
      }),
    },
    {
      client: 'Codex',
      where: '~/.codex/config.toml',
      text: `[mcp_servers.${name}]\nurl = "${url}"\nbearer_token_env_var = "${VARIABLE}"`,
    },
    {
      client: 'Gemini CLI',
      where: 'in a terminal',
      text: `gemini mcp add --transport http -H "x-api-key: $${VARIABLE}" -s user ${name} ${url}`,
    },
    {
      client: 'MCP Inspector',
      where: 'in a terminal',
      text: `npx @modelcontextprotocol/inspector --cli ${url} --transport http --header "x-api-key: $${VARIABLE}" --method tools/list`,
    },
    { client: 'curl', where: 'in a terminal', text: toCurl(url) },
  ];
}

function toJson(value: object): string {
  return JSON.stringify(value, null, 2);
}

function toCurl(url: string): string {
  const headers = ['content-type: application/json', 'accept: application/json, text/event-stream'];
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
  const lines = [...headers.map((header) => `-H '${header}'`), `-H "x-api-key: $${VARIABLE}"`, `-d '${body}'`];
  return [`curl ${url}`, ...lines.map((line) => `  ${line}`)].join(' \\\n');
}
