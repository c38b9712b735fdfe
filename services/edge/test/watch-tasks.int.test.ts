import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Caller, createCaller, createEdgeStore, type EdgeStore } from '@toolplane/bus';
import { parseCallKeys } from '@toolplane/sealing';
import type { McpRequest } from '../src/calls/mcp-request.ts';
import type { TaskRecord, TaskStage } from '../src/calls/task-record.ts';
import { createTask } from '../src/calls/task-store.ts';
import { createTaskWatch, type WatchTasks } from '../src/calls/watch-tasks.ts';
import type { Edge } from '../src/edge.ts';
import { form } from './questions.ts';

/* Watching causes requests to Redis, and any client can watch, so each task is polled once, and not too often. */

const resources = new AsyncDisposableStack();
let store: EdgeStore;
let calls: Caller;

beforeAll(async () => {
  const redisUrl = process.env['REDIS_URL'] ?? '';
  const keys = parseCallKeys(`s1:${randomBytes(32).toString('base64')}`);
  store = resources.adopt(await createEdgeStore({ redisUrl, keys }), (it) => it.close());
  const queue = `calls-${randomUUID()}`;
  calls = resources.adopt(await createCaller({ redisUrl, queue, keys }), (it) => it.close());
});
afterAll(() => resources.disposeAsync());

const stages = {
  asking: (): TaskStage => ({ kind: 'asking', inputRequests: { ok: form }, answers: {} }),
  running: (): TaskStage => ({
    kind: 'running',
    call: calls.describe(randomUUID(), 'ws_1', Date.now() + 60_000),
  }),
};

function newTasks(stage: keyof typeof stages, count: number, principalId = 'anonymous'): Promise<string[]> {
  const record = (): TaskRecord => ({
    version: 1,
    serverId: 'srv_1',
    principalId,
    isCancelled: false,
    rounds: 1,
    arguments: {},
    config: {},
    target: { name: 't', planDigest: 'd1', deadlineMs: 60_000, asks: true },
    protocolVersion: '2026-07-28',
    abilities: ['elicitation'],
    stage: stages[stage](),
    createdAt: Date.now(),
    lastUpdatedAt: Date.now(),
    expiresAt: Date.now() + 60_000,
  });
  return Promise.all(
    Array.from({ length: count }, () => createTask({ store }, { manifest: { workspaceId: 'ws_1' } }, record())),
  );
}

/** Opens an edge that counts its polls, task by task, and a client of that edge. */
function openEdge() {
  const polls = new Map<string, number>();
  const polled = new EventTarget();
  let underWay = 0;
  let underWayMax = 0;
  const counted: EdgeStore = {
    ...store,
    async getRecord(kind, id) {
      polls.set(id, (polls.get(id) ?? 0) + 1);
      polled.dispatchEvent(new Event('poll'));
      underWay += 1;
      underWayMax = Math.max(underWayMax, underWay);
      return store.getRecord(kind, id).finally(() => {
        underWay -= 1;
      });
    },
  };
  const watchTasks = createTaskWatch({ store: counted, calls } as Partial<Edge> as Edge);
  const stops: (() => void)[] = [];
  return {
    polls,
    underWayMax: () => underWayMax,
    async watch(taskIds: string[], notify: Parameters<WatchTasks>[2] = () => {}) {
      const watched = await this.find(taskIds, notify);
      watched.start();
      return watched;
    },
    /** Finds the tasks without starting to watch them. */
    async find(taskIds: string[], notify: Parameters<WatchTasks>[2]) {
      const request = {
        server: { manifest: { serverId: 'srv_1' } },
        principal: { kind: 'anonymous' },
        client: { knowsTasks: true, abilities: new Set() },
        headers: {},
      };
      const watched = await watchTasks(request as unknown as McpRequest, taskIds, notify);
      stops.push(watched.stop);
      return watched;
    },
    /** Resolves when this task was polled this many times. */
    async polled(taskId: string, times: number) {
      const reached = Promise.withResolvers<void>();
      const check = () => (polls.get(taskId) ?? 0) >= times && reached.resolve();
      polled.addEventListener('poll', check);
      check();
      await reached.promise;
      polled.removeEventListener('poll', check);
    },
    [Symbol.dispose]() {
      for (const stop of stops) stop();
    },
  };
}

test('a task that many streams watch is polled once for all of them, and each is told', async () => {
  using client = openEdge();
  const [taskId = ''] = await newTasks('asking', 1);
  const reported: number[] = [];
  const all = Promise.withResolvers<void>();
  for (let stream = 0; stream < 20; stream += 1) {
    await client.watch([taskId], (_method, params) => {
      expect(params).toMatchObject({ taskId, status: 'input_required' });
      if (reported.push(stream) === 20) all.resolve();
    });
  }
  const before = client.polls.get(taskId) ?? 0;
  expect(before).toBeLessThanOrEqual(22);
  await all.promise;
  expect((client.polls.get(taskId) ?? 0) - before).toBeLessThanOrEqual(1);
  expect(reported.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, stream) => stream));
});

test('nothing is told before the start, even while other tasks are polled', async () => {
  using client = openEdge();
  const [first = '', second = ''] = await newTasks('asking', 2);
  const reported: string[] = [];
  const watched = await client.find([first], (method) => reported.push(method));
  await client.watch([second]);
  await client.polled(second, 3);
  expect([watched.taskIds, reported]).toEqual([[first], []]);
  watched.start();
  await client.polled(first, 3);
  expect(reported).toEqual(['notifications/tasks']);
});

test('a task that waits for its client is polled less and less often, a working one twice a second', async () => {
  using client = openEdge();
  const [asking = ''] = await newTasks('asking', 1);
  const [working = ''] = await newTasks('running', 1);
  await client.watch([asking, working]);
  await client.polled(working, 7);
  expect(client.polls.get(asking)).toBeLessThanOrEqual(4);
});

test('a caller watches up to 100 tasks at once; more are left out until it watches fewer', async () => {
  using client = openEdge();
  const taskIds = await newTasks('asking', 70);
  const first = await client.watch(taskIds);
  expect(first.taskIds).toEqual(taskIds);
  const others = await newTasks('asking', 70);
  const second = await client.watch([...others, 'unknown']);
  expect(second.taskIds).toEqual(others.slice(0, 30));
  first.stop();
  first.stop();
  expect((await client.watch(taskIds)).taskIds).toEqual(taskIds);
  expect((await client.watch(['unknown', ...others])).taskIds).toEqual([]);
  second.stop();
  expect((await client.watch(others)).taskIds).toEqual(others.slice(0, 30));
});

test('many tasks are polled a few at a time', async () => {
  using client = openEdge();
  const taskIds = await newTasks('asking', 60);
  await client.watch(taskIds);
  await client.polled(taskIds.at(-1) ?? '', 2);
  expect(client.underWayMax()).toBeLessThanOrEqual(10);
});
