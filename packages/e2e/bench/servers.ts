/*
 * P7: 10,000 published servers: how much memory the services use for them, and how much longer the first call of each
 * takes. One server is deployed as users do it; the others are copies of what it published, signed again under other
 * names.
 */
import { connectBus, createPublisher } from '@toolplane/bus';
import { type Json, type Manifest, manifestSchema, type Plan, planSchema } from '@toolplane/contracts';
import { createSigner, digestOf } from '@toolplane/sealing';
import { Redis } from 'ioredis';
import { deployServer, startPlatform } from '../src/platform.ts';
import { createPoster, median, mibOf, percentile, report, startProgram } from './measure.ts';

const SERVERS = Number(process.argv[2] ?? 10_000);
const TOOLS = 20;
const STAGES = 5;
const WARM_UP_CALLS = 5000;
const toolList = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });

await using platform = await startPlatform({
  REQUESTS_PER_CALLER_PER_SECOND: '1000000',
  REQUESTS_PER_ORGANIZATION_PER_SECOND: '2000000',
});
const upstream = await startProgram(new URL('rivals/upstream.ts', import.meta.url), ['0']);
const upstreamHost = `127.0.0.1:${upstream.firstLine}`;
const model = await deployServer(platform, 'model', document());
const headers = { 'content-type': 'application/json', accept: 'application/json', 'x-api-key': platform.apiKey };
const call = createPoster(model.url, headers, 'item 7');
const list = createPoster(model.url, headers, 'get_item_0');
const ids = await publishCopies();
for (let n = 0; n < WARM_UP_CALLS; n += 1) await call(toolCall(0));

const rows = [];
for (let stage = 0; stage < STAGES; stage += 1) {
  const size = ids.length / STAGES;
  const [first, second] = await callTwice(ids.slice(stage * size, (stage + 1) * size));
  rows.push(describe(`${(stage + 1) * size} servers`, first, second));
}
// Data of these servers that was evicted in the meantime is read again.
const [again, afterwards] = await callTwice(ids.slice(0, ids.length / STAGES));
rows.push(describe('the first ones again', again, afterwards));
upstream.child.kill();
report('servers', rows, { servers: SERVERS, toolsPerServer: TOOLS });

/** Milliseconds of the first and of the second call of each server; its tools are listed between the two. */
async function callTwice(serverIds: string[]): Promise<[number[], number[]]> {
  const first = [];
  const second = [];
  for (const [index, id] of serverIds.entries()) {
    const path = `/mcp/${id}`;
    first.push(await timed(() => call(toolCall(index % TOOLS), path)));
    await timed(() => list(toolList, path));
    second.push(await timed(() => call(toolCall(index % TOOLS), path)));
  }
  return [first, second];
}

async function timed(send: () => Promise<boolean>): Promise<number> {
  const sentAt = performance.now();
  if (!(await send())) throw new Error('a request failed');
  return performance.now() - sentAt;
}

function describe(name: string, first: number[], second: number[]): Record<string, string | number> {
  const above = first.map((ms, index) => ms - (second[index] ?? Number.NaN));
  return {
    called: name,
    'first call ms': Number(median(first).toFixed(1)),
    'second call ms': Number(median(second).toFixed(1)),
    'first above second': Number(median(above).toFixed(1)),
    'p99 above': Number(percentile(above, 0.99).toFixed(1)),
    'edge MiB': mibOf(platform.service('edge').pid()),
    'data plane MiB': mibOf(platform.service('data-plane').pid()),
    'Redis MiB': mibOf(platform.redisPid()),
  };
}

/** Returns the ids of the copies; each has its own plans, like servers of different people. */
async function publishCopies(): Promise<string[]> {
  const redis = new Redis(platform.redisUrl);
  const manifest = manifestSchema.parse(await readSigned(redis, `tp:manifest:${model.id}`));
  const digests = manifest.tools.map(({ planDigest }) => planDigest);
  const plans = await Promise.all(
    digests.map(async (digest) => planSchema.parse(await readSigned(redis, `tp:plan:${digest}`))),
  );
  redis.disconnect();
  const signer = await createSigner(platform.signingKey);
  await using bus = connectBus({ redisUrl: platform.redisUrl });
  const publisher = await createPublisher({ bus, signer });
  const serverIds = Array.from({ length: SERVERS }, (_, n) => `srv_${String(n).padStart(22, '0')}`);
  for (const [n, serverId] of serverIds.entries()) {
    const ownPlans = plans.map((plan) => toOwnPlan(plan, serverId));
    await publisher.publishPlans(ownPlans);
    await publisher.publishManifest(toCopy(manifest, serverId, n, ownPlans));
  }
  return serverIds;
}

async function readSigned(redis: Redis, key: string): Promise<Json> {
  const payload = (await redis.get(key))?.split('.')[1] ?? '';
  return JSON.parse(Buffer.from(payload, 'base64url').toString());
}

function toOwnPlan(published: Plan, serverId: string): { digest: string; plan: Plan } {
  const plan = { ...published, serverId };
  return { digest: digestOf(plan as Json), plan };
}

function toCopy(manifest: Manifest, serverId: string, n: number, plans: { digest: string }[]): Manifest {
  const tools = manifest.tools.map((tool, index) => ({ ...tool, planDigest: plans[index]?.digest ?? '' }));
  return { ...manifest, serverId, slug: `copy-${n}`, tools };
}

function toolCall(tool: number): string {
  const params = { name: `get_item_${tool}`, arguments: { number: 7 } };
  return JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
}

function document(): string {
  const flows = Array.from({ length: TOOLS }, (_, tool) => ({
    id: `get_item_${tool}`,
    description: `Gets an item of the catalogue number ${tool} by its number, with its name and its price.`,
    inputs: {
      properties: {
        number: { type: 'integer', description: 'Number of the item, as the shop prints it on its label.' },
        currency: { type: 'string', enum: ['EUR', 'USD', 'GBP'], description: 'Currency of the price.' },
        note: { type: 'string', maxLength: 200, description: 'What the item is looked up for; not sent anywhere.' },
      },
      required: ['number'],
    },
    steps: [
      {
        id: 'get',
        request: { method: 'GET', url: `http://${upstreamHost}/items/$inputs.number` },
        outputs: { name: '$response.body.name', price: '$response.body.price' },
        actions: [{ when: '$statusCode == 200', do: 'next' }],
      },
    ],
    outputs: { name: '$steps.get.outputs.name', price: '$steps.get.outputs.price' },
  }));
  return JSON.stringify({ flower: '0.1', id: 'catalogue', flows });
}
