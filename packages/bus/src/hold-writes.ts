import type { Redis } from 'ioredis';

/**
 * Holds back what is written to the connection from now on, to the end of this turn of the event loop. `last` is done
 * at the end of the turn, before anything leaves.
 */
export type HoldWrites = (last?: () => void) => void;

/**
 * What is written during one turn leaves as one packet, because a packet costs more CPU than most commands, here and
 * in Redis. Answers that arrive together are one such turn: they lead to commands that can leave together.
 */
export function holdWritesByTurn(redis: Redis): HoldWrites {
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
    // A separate one, so that what the first leads to at once also leaves.
    setImmediate(() => {
      isHolding = false;
      try {
        finish();
      } finally {
        stream.uncork();
      }
    });
  }

  redis.on('ready', () => redis.stream.prependListener('data', hold));
  return (last) => {
    if (redis.status === 'ready') hold();
    if (last === undefined) return;
    if (isHolding) works.push(last);
    else queueMicrotask(last);
  };
}
