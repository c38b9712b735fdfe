import type { Redis } from 'ioredis';
import { onReady } from './bus-connection.ts';
import type { BusEvent } from './bus-event.ts';
import { CALL_KEYS_VERSION } from './keys.ts';

/**
 * The run of the Redis server that this connection leads to. A call carries the epoch in which it was queued. After a
 * restart or failover, its fence may be lost, so it is never executed in another epoch. Redis then needs no durability.
 *
 * The epoch belongs to the connection that carries the commands, and is read again whenever that connection becomes
 * ready: another connection may be back earlier, or lead to another server.
 */
export type QueueEpoch = {
  /** Undefined while the epoch is unknown. */
  readonly current: string | undefined;
  /** The number of milliseconds for which the epoch has been known. */
  ageMs(): number;
  /** Waits until the epoch is known. */
  known(): Promise<string>;
  /** Announces that the connection is about to be closed on purpose, so that no loss is reported. */
  leave(): void;
};

export function watchQueueEpoch(
  redis: Redis,
  onEvent: (event: BusEvent) => void,
  onRead: (epoch: string) => void = () => {},
): QueueEpoch {
  let current: string | undefined;
  let readAt = 0;
  let last: string | undefined;
  let waiting = Promise.withResolvers<string>();
  let isLeft = false;

  onReady(redis, async () => {
    try {
      // The version is part of the epoch: a process that looks for a fence where another release does not put it must
      // not consider that fence free.
      current = `${CALL_KEYS_VERSION}:${readRunId(await redis.info('server'))}`;
      readAt = performance.now();
    } catch {
      // Redis did not answer in time, or the connection was lost again: the next connection reads the epoch.
      if (redis.status === 'ready') redis.disconnect(true);
      return;
    }
    onEvent({ type: 'redis_ready' });
    if (last !== undefined && last !== current) onEvent({ type: 'epoch_changed' });
    last = current;
    onRead(current);
    waiting.resolve(current);
  });
  redis.on('close', () => {
    if (current === undefined) return;
    current = undefined;
    waiting = Promise.withResolvers();
    if (!isLeft) onEvent({ type: 'redis_lost' });
  });

  return {
    get current() {
      return current;
    },
    ageMs: () => (current === undefined ? 0 : performance.now() - readAt),
    known: () => (current === undefined ? waiting.promise : Promise.resolve(current)),
    leave() {
      isLeft = true;
    },
  };
}

function readRunId(info: string): string {
  const runId = /^run_id:(\w+)/m.exec(info)?.[1];
  if (runId === undefined) throw new Error('INFO server has no run_id');
  return runId;
}
