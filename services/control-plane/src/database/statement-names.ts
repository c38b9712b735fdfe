import { LRUCache } from 'lru-cache';

/** What has come this often comes again. */
const OFTEN = 3;
/** A connection keeps what is named until it closes, with its plan: some ten KB each. */
const NAMES_MAX = 400;

/**
 * A connection keeps a statement that has a name, which saves PostgreSQL most of its work: with row-level security it
 * spends more on parsing and planning than on running. Gives the name of a text, or nothing for one that is rare, such
 * as a list of an odd length.
 */
export function createStatementNames(): (statement: { sql: string }) => string {
  const names = new Map<string, string>();
  const counts = new LRUCache<string, number>({ max: NAMES_MAX });

  return ({ sql }) => {
    const known = names.get(sql);
    if (known !== undefined) return known;
    const count = (counts.get(sql) ?? 0) + 1;
    counts.set(sql, count);
    if (count < OFTEN || names.size === NAMES_MAX) return '';
    const name = `s${names.size}`;
    names.set(sql, name);
    counts.delete(sql);
    return name;
  };
}
