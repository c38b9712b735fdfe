import type { Redis } from 'ioredis';

/** Holds back what is written to the connection from now on, to the end of this turn of the event loop. */
export type HoldWrites = () => void;

/**
 * What is written during one turn leaves as one packet, because a packet costs more CPU than most commands, here and
 * in Redis. Answers that arrive together are one such turn: they lead to commands that can leave together.
 */
export function holdWritesByTurn(redis: Redis): HoldWrites {
  let isHolding = false;

  function hold(): void {
    if (isHolding) return;
    isHolding = true;
    const { stream } = redis;
    stream.cork();
    setImmediate(() => {
      isHolding = false;
      stream.uncork();
    });
  }

  redis.on('ready', () => redis.stream.prependListener('data', hold));
  return () => {
    if (redis.status === 'ready') hold();
  };
}
