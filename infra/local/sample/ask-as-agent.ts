import { setTimeout as delay } from 'node:timers/promises';
import { LocalError } from '../local-error.ts';

export type SeenByAgent = { tools: string[]; tool: string; arguments: Record<string, unknown>; result: unknown };

const TOOL = 'plan_night_journey';
const JOURNEY = { from: 'Port Halcyon', to: 'Glasswater' };

/** What an agent with an ordinary MCP client sees of the sample. */
export async function askAsAgent(url: string, apiKey: string): Promise<SeenByAgent> {
  // Loading the client takes a while and should not delay the start of the services.
  const { Client, StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client');
  const client = new Client({ name: 'toolplane-start', version: '0.1.0' }, { versionNegotiation: { mode: 'auto' } });
  const requestInit = { headers: { 'x-api-key': apiKey } };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  try {
    const tools = await listTools(async () => (await client.listTools()).tools.map((tool) => tool.name));
    const { structuredContent, content, isError } = await client.callTool({ name: TOOL, arguments: JOURNEY });
    if (isError) throw new LocalError(`the sample tool failed: ${JSON.stringify(structuredContent ?? content)}`);
    return { tools, tool: TOOL, arguments: JOURNEY, result: structuredContent };
  } finally {
    await client.close();
  }
}

/** Lists tools until those that were just deployed reach the edge, usually within a second. */
async function listTools(list: () => Promise<string[]>): Promise<string[]> {
  const giveUpAt = Date.now() + 5_000;
  while (Date.now() < giveUpAt) {
    const tools = await list();
    if (tools.includes(TOOL)) return tools;
    await delay(50);
  }
  throw new LocalError(`the API key does not see the tool ${TOOL}; a policy of the server nightline may hide it`);
}
