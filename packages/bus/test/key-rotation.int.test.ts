import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { succeeded } from '@toolplane/contracts';
import { parseCallKeys } from '@toolplane/sealing';
import { failureOf, inMs, openBus } from './test-bus.ts';
import { openEdges } from './test-edge-stores.ts';
import { until } from './until.ts';

const newKey = (kid: string) => `${kid}:${randomBytes(32).toString('base64')}`;
const [old, next] = [newKey('old'), newKey('new')];

/** In each step, processes with the old and the new settings run side by side, in both roles. */
const steps: [step: string, before: string, after: string][] = [
  ['the new key is added behind', old, `${old},${next}`],
  ['it comes first', `${old},${next}`, `${next},${old}`],
  ['the old one is taken away', `${next},${old}`, next],
];

describe('while call keys are replaced in a rolling change, no call fails:', () => {
  test.each(steps)('%s', async (_step, before, after) => {
    await using bus = openBus();
    const reported: unknown[] = [];
    const options = { tenantInFlightMax: 100, totalInFlightMax: 100 };
    for (const keyText of [before, after]) {
      await bus.worker(
        async ({ body, notify }) => {
          notify({ kind: 'progress', progress: 1 });
          return succeeded(body);
        },
        { keys: parseCallKeys(keyText), concurrency: 5 },
      );
    }
    const callers = [
      await bus.caller({ ...options, keys: parseCallKeys(before) }),
      await bus.caller({ ...options, keys: parseCallKeys(after) }),
    ];
    const outcomes = await Promise.all(
      callers.flatMap((caller) =>
        Array.from({ length: 20 }, (_, body) =>
          caller.call({ tenant: 'a', body, deadline: inMs(5000), onEvent: (event) => reported.push(event) }),
        ),
      ),
    );
    expect(outcomes).toEqual([0, 1].flatMap(() => Array.from({ length: 20 }, (_, body) => succeeded(body))));
    expect([bus.events.filter(({ type }) => type.includes('rejected')), reported.length]).toEqual([[], 40]);
    await bus.expectClean();
  });

  test('and a key that was removed no longer opens anything', async () => {
    await using bus = openBus();
    await bus.worker(undefined, { keys: parseCallKeys(next) });
    const caller = await bus.caller({ keys: parseCallKeys(old) });
    expect(failureOf(await caller.call({ tenant: 'a', body: 1, deadline: inMs(2000) }))).toMatch(/unknown|not_started/);
    expect(bus.runs.size).toBe(0);
  });
});

describe('while session keys are replaced in a rolling change, edges read what other edges store:', () => {
  test.each(steps)('%s', async (_step, before, after) => {
    await using edges = openEdges();
    const [one, other] = [await edges.store({ keyText: before }), await edges.store({ keyText: after })];
    const id = edges.unique('session');
    await one.changeSession(id, { logLevel: 'warning' }, 60_000);
    expect(await other.getSession(id)).toMatchObject({ logLevel: 'warning' });
    await other.changeSession(id, { logLevel: 'error' }, 60_000);
    await until(async () => (await one.getSession(id)).logLevel === 'error');
  });
});
