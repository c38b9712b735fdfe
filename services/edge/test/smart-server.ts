import type { Manifest, Tool } from '@toolplane/contracts';
import { ask, type ModernOptions } from './modern-client.ts';
import { echoTool, type JsonRpcAnswer, type TestEdge } from './test-edge.ts';

/** The tools that the meta tools of the test server can find: for each toolkit, its server and tools. */
export type TestOffer = { toolkit: string; name?: string; synonyms?: string[]; tools: Tool[] } & Partial<Manifest>;

const plan = { deadlineMs: 5000, isRepeatable: true };

export function toolNamed(name: string, description: string, extra: Partial<Tool> = {}): Tool {
  const { title: _, ...echo } = echoTool;
  return { ...echo, ...plan, planDigest: `plan of ${name}`, ...extra, name, description };
}

export const serverIdOf = (edge: TestEdge, toolkit: string) => `${edge.serverId}_${toolkit}`;

let publications = 0;

/** Switches the test server to mode SMART, publishes a server for each of the offers, and waits for all of it. */
export async function publishSmart(edge: TestEdge, offers: TestOffer[], smart: Partial<Manifest> = {}): Promise<void> {
  for (const { toolkit, name: _, synonyms: __, ...manifest } of offers) {
    await edge.publishServer({ serverId: serverIdOf(edge, toolkit), slug: `${edge.slug}-${toolkit}`, ...manifest });
  }
  await edge.publishCatalogue(
    offers.map(({ toolkit, name = toolkit, synonyms }) => ({
      serverId: serverIdOf(edge, toolkit),
      toolkit,
      name,
      ...(synonyms === undefined ? {} : { synonyms }),
    })),
  );
  // Announcements keep their order: an edge that has received the last one has received all.
  publications += 1;
  const instructions = `Publication ${publications}`;
  await edge.publishServer({ mode: 'smart', ...smart, instructions });
  while ((await ask(edge, 'server/discover', {})).result.instructions !== instructions);
}

/** Calls a meta tool as a modern client does. */
export async function callMeta(
  edge: TestEdge,
  name: string,
  given: object,
  options: ModernOptions & { extra?: object } = {},
): Promise<{ result: JsonRpcAnswer; error: JsonRpcAnswer; value: JsonRpcAnswer }> {
  const { result, error } = await ask(edge, 'tools/call', { name, arguments: given, ...options.extra }, options);
  return { result, error, value: result?.structuredContent };
}
