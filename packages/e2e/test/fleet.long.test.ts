import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ServiceName, startPlatform, type TestPlatform } from '../src/platform.ts';
import { until } from '../src/until.ts';

/* What operators see of the processes, on their health ports. */

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform({ TOOLPLANE_REVISION: 'abc123' });
}, 60_000);
afterAll(async () => {
  await platform?.[Symbol.asyncDispose]();
});

const services: ServiceName[] = ['control-plane', 'data-plane', 'edge'];
// biome-ignore lint/suspicious/noExplicitAny: tests examine it member by member
const statusOf = async (name: ServiceName): Promise<any> => (await fetch(`${platform.healthUrl(name)}/status`)).json();
const readinessOf = async (name: ServiceName) => (await fetch(`${platform.healthUrl(name)}/readyz`)).text();
const fleet = async () => (await statusOf('control-plane')).fleet;
type Process = { service: string; id: string; epoch?: string };

test.each(services)('the status of a %s says what runs and that it is ready', async (service) => {
  const { epoch, ...status } = await statusOf(service);
  expect(status).toMatchObject({ service, version: expect.stringMatching(/^\d/), revision: 'abc123', reasons: [] });
  expect(epoch).toMatch(/^\d+:\w+$/);
  expect(status.host).not.toBe('');
  if (service === 'data-plane') expect(status).toMatchObject({ secretStore: 'ok', running: 0 });
});

test('the status of the fleet has every process, the queues, and what is published', async () => {
  await platform.startReplica('data-plane');
  // Each process reports it with its next heartbeat.
  await until(async () => (await fleet()).pools[0].readyWorkers === 2);
  await until(async () => (await fleet()).otherEpochs.length === 0);
  await until(async () => (await fleet()).queues.length === 2);
  const { processes, pools, otherEpochs, queues, publication, migrations } = await fleet();
  expect(processes.map(({ service }: Process) => service)).toEqual([
    'control-plane',
    'data-plane',
    'data-plane',
    'edge',
  ]);
  expect(new Set(processes.map(({ id }: Process) => id)).size).toBe(4);
  expect(pools).toEqual([{ pool: null, workers: 2, readyWorkers: 2 }]);
  expect(otherEpochs).toEqual([]);
  expect(queues).toEqual(['calls', 'commands'].map((queue) => ({ queue, waiting: 0, active: 0, oldestMs: null })));
  expect(publication.revision).toBeGreaterThan(0);
  expect(Object.keys(publication.pending)).toContain('servers');
  expect(migrations).toMatchObject({ areApplied: true, known: expect.arrayContaining(['0001_foundation']) });
});

test('without Redis each service says what it lacks, and the control plane keeps reporting what it knows', async () => {
  await platform.killRedis();
  await until(async () => (await readinessOf('edge')).includes('queue: not connected'));
  await until(async () => (await readinessOf('data-plane')).includes('queues: not taking calls'));
  await until(async () => (await statusOf('control-plane')).epoch === undefined);
  const status = await statusOf('control-plane');
  expect(status.fleet).toMatchObject({ migrations: { areApplied: true }, publication: { pending: {} } });
  expect(status.fleet).not.toHaveProperty('processes');
  await platform.restartRedis();
  for (const service of services) await until(async () => (await readinessOf(service)) === 'ready\n', 30_000);
}, 60_000);

test('the port for health answers only its two paths and liveness', async () => {
  for (const service of services) {
    expect((await fetch(`${platform.healthUrl(service)}/livez`)).status).toBe(200);
    expect((await fetch(`${platform.healthUrl(service)}/api/v1/openapi.json`)).status).toBe(404);
  }
});
