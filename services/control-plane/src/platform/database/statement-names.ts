import { LRUCache } from 'lru-cache';

/** A statement that was used this often will probably be used again. */
const OFTEN = 3;
/** A connection keeps each named statement with its plan until it closes, which takes about ten KB each. */
const NAMES_MAX = 400;

/**
 * A connection keeps a named statement, which saves PostgreSQL most of its work: with row-level security, it spends
 * more time on parsing and planning than on running. Returns the name for the text of a statement, or an empty string
 * for a rare one, such as one with a list of an unusual length.
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
