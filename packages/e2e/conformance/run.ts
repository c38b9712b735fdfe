/*
 * Runs the official conformance suite against the whole platform: the fixture is deployed through the REST API, and the
 * suite connects to the real edge, or to several behind a load balancer, through an entrance that adds the API key.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startBalancer } from '../src/balancer.ts';
import { startPlatform } from '../src/platform.ts';
import { attachFixture } from './attach-fixture.ts';
import { measureAuthorization } from './authorization.ts';
import { deployFixture } from './fixture.ts';
import { type MeasuredSet, writeMeasuredTable } from './measured-table.ts';
import { runRequirements } from './suite.ts';
import { isSurprise, judge, printResults } from './verdict.ts';

/** The suite's scenarios for authorization servers belong to no revision. */
const AUTHORIZATION = 'authorization';
const revisions = ['2025-11-25', '2026-07-28', AUTHORIZATION];

const { values } = parseArgs({
  options: {
    replicas: { type: 'string', default: '1' },
    revision: { type: 'string', multiple: true, default: revisions },
    /** A file for `<passed> <failed>`, which counts the scenarios of all sets. */
    counts: { type: 'string' },
    /** Connects to a server that has the fixture as an external MCP server. */
    'through-gateway': { type: 'boolean', default: false },
    /** Writes the results into docs/reference/conformance.md. */
    write: { type: 'boolean', default: false },
  },
});
const replicas = Number(values.replicas);
if (!Number.isInteger(replicas) || replicas < 1) throw new Error('--replicas is the number of edges, 1 or more');
if (values.write && values.revision.length < revisions.length) throw new Error('--write wants all sets');

const { 'through-gateway': isGateway } = values;
if (values.write && isGateway) throw new Error('--write wants the server itself');

const startedAt = performance.now();
await using platform = await startPlatform({ EXTERNAL_REFRESH_SECONDS: '1' });
await using fixture = await deployFixture(platform);
const server = isGateway ? await attachFixture(platform, fixture.server) : fixture.server;
const edges = [platform.mcp];
while (edges.length < replicas) edges.push((await platform.startReplica('edge')).url);
await using entrance = await startBalancer(edges, { 'x-api-key': platform.apiKey });

const sets: MeasuredSet[] = [];
for (const revision of values.revision.filter((each) => !isGateway || each !== AUTHORIZATION)) {
  // The URL has the host `localhost`, because the suite checks the protection of local servers only if it sees one.
  const url = `http://localhost:${entrance.port}/mcp/${server.id}`;
  const isOfIssuer = revision === AUTHORIZATION;
  const results = await (isOfIssuer ? measureAuthorization(platform, server.id) : runRequirements(revision, url));
  printResults(revision, results);
  sets.push({ revision, results });
}
const all = sets.flatMap(({ results }) => results);
const passed = all.filter((result) => judge(result) === 'passed').length;
const surprises = all.filter((result) => isSurprise(result, { isGateway }));
const seconds = Math.round((performance.now() - startedAt) / 1000);
console.log(`\n${passed} of ${all.length} scenarios passed in ${seconds} s; requests per edge: ${entrance.served}`);
for (const result of surprises) console.log(`✗ not as expected: ${result.scenario} (${judge(result)})`);
if (values.counts !== undefined) writeFileSync(values.counts, `${passed} ${surprises.length}\n`);
if (values.write) writeMeasuredTable('measured', sets, replicas === 1 ? 'one edge' : `${replicas} edges`);
if (surprises.length > 0) process.exitCode = 1;
