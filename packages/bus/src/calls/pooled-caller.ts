import { AppError, type Outcome } from '@toolplane/contracts';
import type { CallKeys } from '@toolplane/sealing';
import { type InPool, inPool } from '../keys.ts';
import { busFailure, busFailureMessage } from './bus-failures.ts';
import type { CallRequest } from './call-request.ts';
import { type Caller, type CallerOptions, createCaller } from './caller.ts';
import { type GoOn, stillHeld } from './go-on.ts';
import type { QueueDepth } from './queue-depth.ts';
import type { FoundCall, SentCall } from './sent-calls.ts';

/**
 * One caller per pool, each with its own queue, keys and leases. A call for a pool that has no caller here ends as
 * `not_started`: it is never sent to another pool.
 */
export type PooledCaller = {
  call(request: CallRequest & InPool): Promise<Outcome>;
  goOn: GoOn;
  /** Like `describe` of a caller, but can also throw `config_unavailable`. So can `find` and `cancel`. */
  describe(callId: string, tenant: string, deadline: number, pool?: string): SentCall & InPool;
  find(call: SentCall & InPool): Promise<FoundCall>;
  cancel(call: SentCall & InPool): Promise<void>;
  isReady(): boolean;
  epoch(): string | undefined;
  running(): number;
  /** The depth of every queue. Rejects while Redis is unavailable. */
  depths(): Promise<QueueDepth[]>;
  /** Calls that all callers of each queue have admitted. Rejects while Redis is unavailable. */
  leases(): Promise<{ queue: string; count: number }[]>;
  close(options?: { drainMs?: number }): Promise<void>;
};

export async function createPooledCaller({
  pools,
  queue,
  ...options
}: CallerOptions & { pools: ReadonlyMap<string, CallKeys> }): Promise<PooledCaller> {
  const inDefault = await createCaller({ ...options, queue });
  const callers = new Map<string | undefined, Caller>([[undefined, inDefault]]);
  for (const [pool, keys] of pools) {
    callers.set(pool, await createCaller({ ...options, queue: inPool(queue, pool), keys }));
  }
  const all = [...callers.values()];

  function callerOf(pool: string | undefined): Caller {
    const caller = callers.get(pool);
    if (caller === undefined) throw new AppError('config_unavailable', busFailureMessage('config_unavailable'));
    return caller;
  }

  return {
    async call({ pool, ...request }) {
      const caller = callers.get(pool);
      return caller === undefined
        ? busFailure('not_started', 'config_unavailable')
        : caller.call(heldIn(pool, request));
    },
    async goOn({ pool, ...held }, request) {
      const caller = callers.get(pool);
      return caller === undefined ? stillHeld('config_unavailable') : caller.goOn(held, heldIn(pool, request));
    },
    describe(callId, tenant, deadline, pool) {
      const call = callerOf(pool).describe(callId, tenant, deadline);
      return pool === undefined ? call : { ...call, pool };
    },
    find: async ({ pool, ...call }) => callerOf(pool).find(call),
    cancel: async ({ pool, ...call }) => callerOf(pool).cancel(call),
    isReady: () => all.every((caller) => caller.isReady()),
    epoch: () => inDefault.epoch(),
    running: () => all.reduce((sum, caller) => sum + caller.running(), 0),
    depths: () => Promise.all(all.map((caller) => caller.depth())),
    leases: () =>
      Promise.all(
        Array.from(callers, async ([pool, caller]) => ({ queue: inPool(queue, pool), count: await caller.leases() })),
      ),
    async close(closing) {
      await Promise.all(all.map((caller) => caller.close(closing)));
    },
  };
}

/** Adds the pool, so that the holder of the call knows in which one it waits. */
function heldIn<Request extends Pick<CallRequest, 'onHeld'>>(pool: string | undefined, request: Request): Request {
  const { onHeld } = request;
  return onHeld === undefined ? request : { ...request, onHeld: (held) => onHeld({ ...held, pool }) };
}
