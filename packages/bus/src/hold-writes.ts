import type { Redis } from 'ioredis';
import { onReady } from './bus-connection.ts';

/**
 * Holds back everything that is written to the connection from now until the end of this event-loop turn. `last` runs
 * at the end of the turn, before anything is sent.
 */
export type HoldWrites = (last?: () => void) => void;

/**
 * Everything that is written during one event-loop turn is sent as one packet, because a packet costs more CPU than
 * most commands, here and in Redis. Answers that arrive together are handled in one such turn, so the commands that
 * follow from them can be sent together.
 */
export function holdWritesByTick(redis: Redis): HoldWrites {
  let isHolding = false;
  let works: (() => void)[] = [];

  function finish(): void {
    const due = works;
    works = [];
    for (const work of due) work();
  }

  function hold(): void {
    if (isHolding) return;
    isHolding = true;
    const { stream } = redis;
    stream.cork();
    setImmediate(finish);
    // A separate immediate, so that what the first one directly leads to is also sent.
    setImmediate(() => {
      isHolding = false;
      try {
        finish();
      } finally {
        stream.uncork();
      }
    });
  }

  onReady(redis, () => redis.stream.prependListener('data', hold));
  return (last) => {
    if (redis.status === 'ready') hold();
    if (last === undefined) return;
    if (isHolding) works.push(last);
    else queueMicrotask(last);
  };
}
