import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DeployedServer, deployServer, type TestPlatform } from '../src/platform.ts';
import { type FixtureList, startFixtureUpstream } from './upstream.ts';

/** The placeholder in the document for the address of the running upstream. */
const PLACEHOLDER = 'http://upstream.invalid';

export type Fixture = AsyncDisposable & { server: DeployedServer };

/** Deploys the fixture document as a user would, and lets the fixture's own tools deploy it again. */
export async function deployFixture(platform: TestPlatform): Promise<Fixture> {
  const changes: Record<FixtureList, number> = { tools: 0, prompts: 0 };
  let last: Promise<unknown> = Promise.resolve();
  const upstream = await startFixtureUpstream(async (changed) => {
    // Deployments run one after the other: two at once could become visible in either order.
    last = last.then(() => {
      changes[changed] += 1;
      return platform.rest.call('POST', `/mcp-servers/${server.id}/deploy`, { definition: readDocument() });
    });
    await last;
  });
  const template = readFileSync(join(import.meta.dirname, 'conformance.flower.yaml'), 'utf8');
  const readDocument = () =>
    template
      .replaceAll(PLACEHOLDER, upstream.url)
      .replace('Tools changed 0 times', `Tools changed ${changes.tools} times`)
      .replace('Prompts changed 0 times', `Prompts changed ${changes.prompts} times`);
  const server = await deployServer(platform, 'conformance', readDocument());
  return { server, [Symbol.asyncDispose]: () => upstream[Symbol.asyncDispose]() };
}
