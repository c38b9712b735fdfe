import { renameSync } from 'node:fs';
import type { Fault } from './fault.ts';

/* A Redis without free memory, and a secret store that is missing. */

/** The memory that Redis can still use when its limit is set. */
const ROOM_BYTES = 16 * 1024;

export const storeFaults: readonly Fault[] = [
  {
    name: 'Redis: maxmemory reached',
    touches: ['Redis'],
    holdMs: [2_000, 8_000],
    async inject({ stage }) {
      await stage.askRedis(async (redis) => {
        const used = Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1]);
        await redis.config('SET', 'maxmemory', used + ROOM_BYTES);
      });
      return () => stage.askRedis(async (redis) => void (await redis.config('SET', 'maxmemory', 0)));
    },
  },
  {
    name: 'secret store: gone',
    touches: ['secrets'],
    holdMs: [3_000, 12_000],
    async inject({ stage }) {
      const { secretsFolder } = stage.platform;
      renameSync(secretsFolder, `${secretsFolder}.away`);
      return () => renameSync(`${secretsFolder}.away`, secretsFolder);
    },
  },
];
