import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { compileDocument } from '@toolplane/compiler';
import { parse } from 'yaml';
import type { MockApi } from './mock-api.ts';
import { type DeployedReference, type DeployedServer, deployServer, type TestPlatform } from './platform.ts';

/** An Arazzo document of the test data, with the documents that it refers to. */
export type ArazzoFixture = {
  definition: string;
  references: DeployedReference[];
  serverPaths: Record<string, string>;
};

type SourceDescription = { name: string; url: string; type?: string };

export const testdata = join(import.meta.dirname, '..', 'testdata');

/** `findSource` returns the file of a source; by default, the source is in the same folder as the document. */
export function readFixture(file: string, findSource = besideOf(file)): ArazzoFixture {
  const definition = readFileSync(file, 'utf8');
  const fixture: ArazzoFixture = { definition, references: [], serverPaths: {} };
  addSources(fixture, definition, findSource);
  return fixture;
}

function addSources(fixture: ArazzoFixture, text: string, findSource: (url: string) => string): void {
  const { sourceDescriptions = [] } = parse(text) as { sourceDescriptions?: SourceDescription[] };
  for (const { name, url } of sourceDescriptions) {
    if (fixture.references.some(({ location }) => location === url)) continue;
    const content = readFileSync(findSource(url), 'utf8');
    fixture.references.push({ name, content, location: url });
    const document = parse(content) as { arazzo?: string; servers?: { url: string }[] };
    if (document.arazzo !== undefined) addSources(fixture, content, findSource);
    else fixture.serverPaths[name] = pathOf(document.servers?.[0]?.url ?? '/');
  }
}

const besideOf = (file: string) => (url: string) => join(dirname(file), basename(url));

/** The path of a server URL, so that mocks can be written with the paths that clients of the real API would use. */
function pathOf(serverUrl: string): string {
  return serverUrl.replace(/^https?:\/\/[^/]*/, '').replace(/\/$/, '');
}

/** Deploys the fixture with every operation pointed at the mock API, and with the secrets that it needs. */
export async function deployFixture(
  platform: TestPlatform,
  name: string,
  { definition, references, serverPaths }: ArazzoFixture,
  api: MockApi,
): Promise<DeployedServer> {
  const named = Object.entries(serverPaths).filter(([source]) => /^[\w-]+$/.test(source));
  const sourceServers = Object.fromEntries(named.map(([source, path]) => [source, `${api.url}${path}`]));
  const secret = (secretName: string) => [
    secretName,
    { value: `user:${secretName}-value`, hosts: [new URL(api.url).host] },
  ];
  const needed = listNeededSecrets(definition, { references, sourceServers });
  const secrets = Object.fromEntries(needed.map(secret));
  return deployServer(platform, name, definition, secrets, { references, sourceServers });
}

/** Compiles the document here, which also reports problems as line and message. */
function listNeededSecrets(
  definition: string,
  sources: { references: DeployedReference[]; sourceServers: Record<string, string> },
): string[] {
  const owner = { workspaceId: 'w', serverId: 's', secretNames: [], allowedHosts: [] };
  const { diagnostics } = compileDocument(definition, { ...owner, ...sources });
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(errors.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  const names = diagnostics.map(({ message }) => /^Secret (\w+) is needed/.exec(message)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))];
}
