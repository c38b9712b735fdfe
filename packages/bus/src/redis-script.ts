import type { Redis } from 'ioredis';

export type Script = (keys: string[], args: (string | number)[]) => Promise<unknown>;

/** A Lua script on this connection: it is sent as text once, then by its digest. */
export function defineScript(redis: Redis, name: string, lua: string): Script {
  redis.defineCommand(name, { lua });
  const command: (...args: (string | number)[]) => Promise<unknown> = Reflect.get(redis, name);
  return (keys, args) => command.call(redis, keys.length, ...keys, ...args);
}
