/*
 * A worker goes on with a call only while the fence of the call has its name. It looks twice a second, all its calls at
 * once, and each look counts for a second from when it was sent: a worker that was suspended, cut off or declared lost
 * sends nothing more before it has looked again. So whoever overwrites the name knows a second later that nothing more
 * will be sent, whatever became of that worker.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { keys } from '../keys.ts';
import type { QueueEpoch } from '../queue-epoch.ts';
import type { BusFailureCode } from './bus-failures.ts';
import { STOPPED } from './fence.ts';

/** A look counts for so long. */
export const HOLD_MS = 1000;
const LOOK_MS = 400;

/** Whether a call is still of this worker. */
export type Hold = {
  /** Known without asking anybody; to be read in the same turn in which something is sent. */
  isSure(): boolean;
  /** Resolves when it is sure; rejects with the reason when the call is not this worker's any more, or has to stop. */
  confirm(): Promise<void>;
};

/** It is read from two clocks: one stands still while a machine is suspended, the other may be set. */
export type Moment = { wallMs: number; steadyMs: number };

export const thisMoment = (): Moment => ({ wallMs: Date.now(), steadyMs: performance.now() });

const msSince = ({ wallMs, steadyMs }: Moment) => Math.max(Date.now() - wallMs, performance.now() - steadyMs);

/** `at` is right before its fence was taken. */
type HeldCall = { callId: string; owner: string; epoch: string; at: Moment; signal: AbortSignal };

export type Holds = {
  open(call: HeldCall): Hold & { close(): void };
};

export function createHolds({
  redis,
  queue,
  epoch,
  stop,
}: {
  redis: Redis;
  queue: string;
  epoch: Pick<QueueEpoch, 'current' | 'known'>;
  stop(callId: string, code: BusFailureCode): void;
}): Holds {
  const held = new Set<HeldCall>();
  let looking: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  async function look(): Promise<void> {
    const current = await epoch.known();
    const at = thisMoment();
    const calls = [...held];
    if (calls.length === 0) return;
    const owners = await redis.mget(calls.map(({ callId }) => keys.fence(queue, callId)));
    // One run of Redis was asked, and perhaps another one answered.
    if (epoch.current !== current) return;
    for (const [index, call] of calls.entries()) {
      const { callId, owner } = call;
      if (call.epoch !== current) stop(callId, 'queue_restarted');
      else if (owners[index] === owner) call.at = at;
      else stop(callId, owners[index] === STOPPED ? 'cancelled' : 'worker_lost');
    }
  }

  function lookOnce(): Promise<void> {
    looking ??= look()
      // Redis refuses, or the worker has closed its connection: the signal of the call ends the wait.
      .catch(() => delay(LOOK_MS, undefined, { ref: false }))
      .finally(() => {
        looking = undefined;
      });
    return looking;
  }

  return {
    open(call) {
      held.add(call);
      timer ??= setInterval(() => void lookOnce(), LOOK_MS);
      const { signal } = call;
      const isSure = () => !held.has(call) || msSince(call.at) < HOLD_MS;
      return {
        isSure,
        async confirm() {
          const { promise: stopped, reject } = Promise.withResolvers<never>();
          stopped.catch(() => {});
          const onAbort = () => reject(signal.reason);
          signal.addEventListener('abort', onAbort);
          try {
            for (;;) {
              signal.throwIfAborted();
              if (isSure()) return;
              await Promise.race([lookOnce(), stopped]);
            }
          } finally {
            signal.removeEventListener('abort', onAbort);
          }
        },
        close() {
          held.delete(call);
          if (held.size > 0) return;
          clearInterval(timer);
          timer = undefined;
        },
      };
    },
  };
}
