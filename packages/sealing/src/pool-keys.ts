import { poolNameSchema } from '@toolplane/contracts';
import { z } from 'zod';
import { type CallKeys, parseCallKeys } from './call-keys.ts';

export const POOL_KEYS_RULE =
  'is not a JSON object that gives each pool, by name, its own keys, like {"eu":"k1:base64 of 32 bytes"}';

/** Reads keys by the names of pools. Throws for what violates `POOL_KEYS_RULE`, without quoting a key. */
export function parsePoolKeys(text = '{}'): ReadonlyMap<string, CallKeys> {
  const pools = Object.entries(z.record(poolNameSchema, z.string()).parse(JSON.parse(text)));
  const masters = pools.flatMap(([, keys]) => keys.split(',').map((entry) => entry.split(':')[1]?.trim()));
  if (new Set(masters).size < masters.length) throw new Error('Two pools have the same key');
  return new Map(pools.map(([pool, keys]) => [pool, parseCallKeys(keys)]));
}

export function arePoolKeys(text: string): boolean {
  try {
    parsePoolKeys(text);
    return true;
  } catch {
    return false;
  }
}
