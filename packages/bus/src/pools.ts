/*
 * The one place where a pool becomes a name in Redis. What belongs to the data planes of one pool (the queues that they
 * take work from, what they count, lock and tell each other) has its name behind a dot: a pool name has no dot and no
 * star, so no right to one pool is one to another. Without a pool it is the default pool.
 */

/** In patterns of rights: whatever the pool. */
export const ANY_POOL = '*';

export const inPool = (name: string, pool?: string) => (pool === undefined ? name : `${name}.${pool}`);
