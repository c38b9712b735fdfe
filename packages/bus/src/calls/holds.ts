/*
 * A worker continues a call only while the fence of the call contains its name. It reads the fences of all its calls at
 * once, twice a second, and each read counts for a second from when it was sent: a worker that was suspended, cut off
 * or declared lost sends nothing more before it has read them again. So a process that overwrites the name knows a
 * second later that nothing more will be sent, whatever became of that worker.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { keys } from '../keys.ts';
import type { QueueEpoch } from '../queue-epoch.ts';
import type { BusFailureCode } from './bus-failures.ts';
import { STOPPED } from './fence.ts';

/** How long a read of the fences counts. */
export const HOLD_MS = 1000;
const LOOK_MS = 400;

/** Says whether a call still belongs to this worker. */
export type Hold = {
  /** Known without asking Redis; to be read in the same event-loop turn in which something is sent. */
  isStillOwner(): boolean;
  /**
   * Resolves once this is certain. Rejects with the reason if the call no longer belongs to this worker, or has to
   * stop.
   */
  confirm(): Promise<void>;
};

/** A moment on two clocks: one stands still while a machine is suspended, the other may be set. */
export type Moment = { wallMs: number; steadyMs: number };

export const thisMoment = (): Moment => ({ wallMs: Date.now(), steadyMs: performance.now() });

const msSince = ({ wallMs, steadyMs }: Moment) => Math.max(Date.now() - wallMs, performance.now() - steadyMs);

/** `at` is the moment right before its fence was taken, and later that of the last read. */
type OwnedCall = { callId: string; owner: string; epoch: string; at: Moment; signal: AbortSignal };

export type Holds = {
  open(call: OwnedCall): Hold & { close(): void };
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
  const held = new Set<OwnedCall>();
  let looking: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  async function checkHolds(): Promise<void> {
    const current = await epoch.known();
    const at = thisMoment();
    const calls = [...held];
    if (calls.length === 0) return;
    const owners = await redis.mget(calls.map(({ callId }) => keys.fence(queue, callId)));
    // The request was sent to one run of Redis, and perhaps another one answered.
    if (epoch.current !== current) return;
    for (const [index, call] of calls.entries()) {
      const { callId, owner } = call;
      if (call.epoch !== current) stop(callId, 'queue_restarted');
      else if (owners[index] === owner) call.at = at;
      else stop(callId, owners[index] === STOPPED ? 'cancelled' : 'worker_lost');
    }
  }

  function checkHoldsOnce(): Promise<void> {
    looking ??= checkHolds()
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
      timer ??= setInterval(() => void checkHoldsOnce(), LOOK_MS);
      const { signal } = call;
      const isStillOwner = () => !held.has(call) || msSince(call.at) < HOLD_MS;
      return {
        isStillOwner,
        async confirm() {
          const { promise: stopped, reject } = Promise.withResolvers<never>();
          stopped.catch(() => {});
          const onAbort = () => reject(signal.reason);
          signal.addEventListener('abort', onAbort);
          try {
            for (;;) {
              signal.throwIfAborted();
              if (isStillOwner()) return;
              await Promise.race([checkHoldsOnce(), stopped]);
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
