import { describe, expect, test } from '@jest/globals';
import { AppError } from '@toolplane/contracts';
import { planOf } from '../../test/plan.ts';
import { runTool } from '../../test/run-tool.ts';
import { json, startUpstream } from '../../test/upstream.ts';
import { systemClock } from './clock.ts';

/** The limit that a person who cancels can rely on, in real time: nothing continues for more than a second. */
const SOON_MS = 1000;

function cancellable() {
  const controller = new AbortController();
  let cancelledAt = 0;
  return {
    signal: controller.signal,
    cancel() {
      cancelledAt = performance.now();
      controller.abort(new AppError('cancelled', 'The call was cancelled'));
    },
    msSince: () => performance.now() - cancelledAt,
  };
}

describe('a cancelled call', () => {
  test.each([
    ['before the answer', () => {}],
    [
      'in the middle of the answer',
      (_request: unknown, response: { write(text: string): void }) => response.write('{'),
    ],
  ])('%s: the upstream sees its connection close', async (_name, answer) => {
    await using api = await startUpstream(answer);
    const { signal, cancel, msSince } = cancellable();
    const [arrived, closed] = [api.nextRequest(), api.nextClose()];
    const outcome = runTool(planOf([{ url: `${api.url}/x` }]), { signal, clock: systemClock });
    await arrived;
    cancel();
    await closed;
    expect(msSince()).toBeLessThan(SOON_MS);
    expect(await outcome).toMatchObject({ outcome: 'unknown', error: { code: 'cancelled' } });
  });

  test('while waiting for a retry: it ends and sends nothing more', async () => {
    await using api = await startUpstream(json({}, 429));
    const { signal, cancel, msSince } = cancellable();
    const waiting = Promise.withResolvers<void>();
    const clock: typeof systemClock = {
      now: systemClock.now,
      wait(ms, waitSignal) {
        waiting.resolve();
        return systemClock.wait(ms, waitSignal);
      },
    };
    const plan = planOf([{ url: `${api.url}/x`, actions: [{ do: 'retry', waitMs: 20_000 }] }]);
    const outcome = runTool(plan, { signal, clock });
    await waiting.promise;
    cancel();
    const error = { code: 'cancelled', stepId: expect.any(String), status: 429 };
    expect(await outcome).toMatchObject({ outcome: 'done', error });
    expect(msSince()).toBeLessThan(SOON_MS);
    expect(api.seen).toHaveLength(1);
  });

  test('while its secrets are being fetched: it ends without them, and nothing is sent', async () => {
    await using api = await startUpstream(json({}));
    const { signal, cancel, msSince } = cancellable();
    const asked = Promise.withResolvers<void>();
    const secrets = {
      get KEY() {
        asked.resolve();
        return new Promise<never>(() => {});
      },
    };
    const plan = planOf([{ url: `${api.url}/x`, headers: { a: '$secrets.KEY' }, secrets: ['KEY'] }]);
    const outcome = runTool(plan, { signal, secrets, clock: systemClock });
    await asked.promise;
    cancel();
    expect(await outcome).toMatchObject({ outcome: 'not_started', error: { code: 'cancelled' } });
    expect(msSince()).toBeLessThan(SOON_MS);
    expect(api.seen).toEqual([]);
  });
});
