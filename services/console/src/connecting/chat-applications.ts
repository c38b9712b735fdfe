import { type ClientConfig, type ServerEndpoint, toJson } from './client-config.ts';

export function toChatApplications(endpoint: ServerEndpoint): ClientConfig[] {
  return [toClaude(endpoint), toClaudeDesktop(endpoint), toChatGpt(endpoint)];
}

const BRIDGE = 'Claude Desktop, by a bridge';
/** These applications connect from the data centres of their makers. */
const REACHABLE = 'the endpoint must be reachable from the internet';

function toClaude({ url, access }: ServerEndpoint): ClientConfig {
  const client = 'Claude (web and desktop)';
  if (access === 'key') return { client, where: `Claude signs people in. For an API key, choose “${BRIDGE}”.` };
  return { client, where: `Settings → Connectors → Add custom connector; ${REACHABLE}`, text: url };
}

function toClaudeDesktop({ name, url, access }: ServerEndpoint): ClientConfig {
  const hasKey = access === 'key';
  const args = ['-y', 'mcp-remote', url, ...(hasKey ? ['--header', 'x-api-key:${KEY}'] : [])];
  const bridge = { command: 'npx', args, env: hasKey ? { KEY: 'your key' } : undefined };
  return {
    client: BRIDGE,
    where: 'claude_desktop_config.json',
    text: toJson({ mcpServers: { [name]: bridge } }),
  };
}

function toChatGpt({ url, access }: ServerEndpoint): ClientConfig {
  const client = 'ChatGPT';
  if (access === 'key') return { client, where: 'ChatGPT signs people in, and sends no API keys.' };
  return { client, where: `Settings → Apps/Connectors → Developer mode → Create; ${REACHABLE}`, text: url };
}
