/*
 * The only file that turns a pool into names in Redis. Names of the data planes of one pool (their queues, and what
 * they count, lock and send to each other) contain the pool after a dot. A pool name has no dot and no star, so no
 * right to one pool is a right to another. Names without a pool belong to the default pool.
 */

/** Stands for any pool in patterns of rights. */
export const ANY_POOL = '*';

export const inPool = (name: string, pool?: string) => (pool === undefined ? name : `${name}.${pool}`);
