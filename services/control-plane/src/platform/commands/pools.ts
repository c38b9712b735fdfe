import { notValid } from '@toolplane/contracts';

/** The pools of data planes of this platform, other than the default one. */
export type Pools = {
  readonly names: readonly string[];
  /** Throws `invalid_request` for an unknown pool. `path` is the path of the field that names the pool. */
  check(pool: string | null | undefined, path: string): void;
};

export function createPools(names: readonly string[]): Pools {
  return {
    names,
    check(pool, path) {
      if (pool === null || pool === undefined || names.includes(pool)) return;
      const known = names.length === 0 ? 'there are no pools here' : `the pools are ${names.join(', ')}`;
      throw notValid([{ path, message: `must be the name of a pool: ${known}` }]);
    },
  };
}
