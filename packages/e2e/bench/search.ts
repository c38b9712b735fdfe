/*
 * P7: finds tools by a description of what they are needed for. For sentences as people say them, over all operations
 * of large APIs, this measures how many find a right tool among the first five, and how long a search takes, also over
 * 10,000 tools.
 *
 * The synonyms and weights of the search were chosen with the sentences of `tuned` in view. A third of these was held
 * out at first, until its misses were read. The sentences of `heldOut` were written after that. None of their results
 * was examined individually, and `--misses` does not print them, but the search was changed after they were written,
 * and their totals were printed after such changes.
 */
import { readFileSync } from 'node:fs';
import { compileDocument, importOpenApi, readConnector } from '@toolplane/compiler';
import { buildToolSearch, type ToolSearch, toSearchableTool } from '@toolplane/tool-search';
import { percentile, report } from './measure.ts';
import { type RealDocument, readDocument, realDocuments } from './real-documents.ts';

const ROUNDS = Number(process.argv[2] ?? 3);
const MANY = 10_000;

type Case = { useCase: string; expected: string[] };
type Searchable = ReturnType<typeof toSearchableTool>;

const cases = JSON.parse(readFileSync(new URL('search-cases.json', import.meta.url), 'utf8')) as {
  tuned: Case[];
  heldOut: Case[];
};
const tools = realDocuments.filter(({ what }) => what !== 'Kubernetes').flatMap(importTools);
const all = [...cases.tuned, ...cases.heldOut];
const missing = all.flatMap(({ expected }) => expected).filter((slug) => !tools.some((tool) => tool.slug === slug));
if (missing.length > 0) throw new Error(`there are no such tools: ${missing.join(', ')}`);

const search = await buildToolSearch(tools);
console.log(`P7: ${all.length} sentences over ${tools.length} operations; goal: recall@5 ≥ 0.85`);
report('search', [
  recall('tuned', cases.tuned, search),
  recall('held out', cases.heldOut, search),
  recall('all', all, search),
]);
if (process.argv.includes('--misses')) {
  for (const { useCase, expected } of cases.tuned) {
    const found = find(search, useCase, 5);
    if (!found.some((slug) => expected.includes(slug))) console.log(`${useCase}: ${found.join(' ')}`);
  }
}

console.log(`\nP7: a search over ${MANY} tools; goal ≤ 5 ms`);
const startedAt = process.cpuUsage();
const large = await buildToolSearch(multiply(tools, MANY));
const buildMs = cpuMsSince(startedAt);
for (const { useCase } of all) find(large, useCase, 5);
const times = Array.from({ length: ROUNDS }, () =>
  all.map(({ useCase }) => cpuMsOf(() => find(large, useCase, 5))),
).flat();
report('search-many', [
  {
    tools: MANY,
    'index, CPU ms': Math.round(buildMs),
    'search, CPU ms (mean)': round(times.reduce((sum, ms) => sum + ms, 0) / times.length),
    median: round(percentile(times, 0.5)),
    p95: round(percentile(times, 0.95)),
  },
]);

function importTools(document: RealDocument): Searchable[] {
  const toolkit = document.what.toLowerCase();
  const location = 'https://example.com/openapi.json';
  const { descriptor = '' } = importOpenApi(readDocument(document), { location });
  const authentication = readConnector(descriptor).connector?.authentication[0];
  const { document: compiled, diagnostics } = compileDocument(descriptor, {
    workspaceId: 'ws_1',
    serverId: 'srv_1',
    secretNames: [],
    allowedHosts: [],
    connector: {
      ownerId: 'ws_1',
      instanceId: 'ins_1',
      configuration: {},
      authentication: authentication?.id ?? authentication?.type ?? 'none',
    },
  });
  if (compiled === undefined) throw new Error(`${document.what}: ${diagnostics[0]?.message}`);
  return compiled.tools.map(({ tool }) =>
    toSearchableTool(tool, { slug: `${toolkit}.${tool.name}`, toolkit, toolkitNames: [document.what] }),
  );
}

/** Repeats the same APIs, as toolkits with other names. */
function multiply(originals: Searchable[], count: number): Searchable[] {
  return Array.from({ length: count }, (_, index) => {
    const tool = originals[index % originals.length] as Searchable;
    const copy = Math.floor(index / originals.length);
    if (copy === 0) return tool;
    const toolkit = `${tool.toolkit}${copy}`;
    return { ...tool, toolkit, slug: `${toolkit}${tool.slug.slice(tool.toolkit.length)}`, toolkitNames: [toolkit] };
  });
}

function recall(what: string, those: readonly Case[], searched: ToolSearch) {
  const places = those.map(({ useCase, expected }) =>
    find(searched, useCase, 10).findIndex((slug) => expected.includes(slug)),
  );
  const within = (count: number) => places.filter((place) => place >= 0 && place < count).length / those.length;
  return {
    what,
    sentences: those.length,
    'recall@1': round(within(1)),
    'recall@5': round(within(5)),
    'recall@10': round(within(10)),
  };
}

function find(searched: ToolSearch, useCase: string, limit: number): string[] {
  return searched.search(useCase, { limit }).map(({ slug }) => slug);
}

function cpuMsOf(run: () => unknown): number {
  const before = process.cpuUsage();
  run();
  return cpuMsSince(before);
}

function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
