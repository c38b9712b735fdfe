import { appendPointer, canonicalJson, type Json } from '@toolplane/contracts';

export type ConnectorChange = {
  kind: 'added' | 'removed' | 'changed';
  /** JSON Pointer by ids: `/operations/get_ticket/parameters/limit`. */
  path: string;
  isBreaking: boolean;
  message: string;
};

type Keys<T> = { path: string; noun: string; keyOf(item: T): string; around?: string };

type Rules<T> = {
  isAdditionBreaking?(item: T): boolean;
  isRemovalBreaking?(item: T): boolean;
  /** `name` begins a sentence. If absent, any difference is a change that breaks nothing. */
  compare?(path: string, name: string, before: T, after: T): void;
};

export type Diff = ReturnType<typeof createDiff>;

/** Collects changes in the order in which the comparisons are made. */
export function createDiff() {
  const changes: ConnectorChange[] = [];
  return { changes, add, value, members, lists };

  function add(kind: ConnectorChange['kind'], path: string, isBreaking: boolean, message: string): void {
    changes.push({ kind, path, isBreaking, message });
  }

  /** Compares the value as a whole. */
  function value(path: string, name: string, before: unknown, after: unknown, isBreaking: boolean): void {
    if (isSame(before, after)) return;
    if (before === undefined) add('added', path, isBreaking, `${name} is new`);
    else if (after === undefined) add('removed', path, isBreaking, `${name} is gone`);
    else add('changed', path, isBreaking, `${name} has changed`);
  }

  /** Compares member by member; each difference is a separate change. */
  function members<T extends object>(
    path: string,
    name: string,
    before: T,
    after: T,
    ignored: readonly string[],
    isBreaking: (change: { key: string }) => boolean = () => false,
  ): void {
    const [left, right] = [before, after] as [Record<string, unknown>, Record<string, unknown>];
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
      if (ignored.includes(key) || isSame(left[key], right[key])) continue;
      const [was, is] = [shown(left[key]), shown(right[key])];
      const values = was === undefined || is === undefined ? 'has changed' : `was ${was} and is ${is}`;
      add('changed', appendPointer(path, key), isBreaking({ key }), `${name}: "${key}" ${values}`);
    }
  }

  /** Compares lists by the keys of their items and ignores their order. */
  function lists<T>(
    { path, noun, keyOf, around = '' }: Keys<T>,
    before: readonly T[],
    after: readonly T[],
    { isAdditionBreaking, isRemovalBreaking, compare }: Rules<T>,
  ): void {
    const left = new Map(before.map((item) => [keyOf(item), item]));
    const right = new Map(after.map((item) => [keyOf(item), item]));
    for (const [key, item] of left) {
      const at = appendPointer(path, key);
      const name = `${around}${around === '' ? 'The' : 'the'} ${noun} "${key}"`;
      const now = right.get(key);
      if (now === undefined) add('removed', at, isRemovalBreaking?.(item) ?? false, `${name} is gone`);
      else if (compare === undefined) value(at, name, item, now, false);
      else compare(at, name, item, now);
    }
    for (const [key, item] of right) {
      if (left.has(key)) continue;
      const name = `${around}${around === '' ? 'The' : 'the'} ${noun} "${key}"`;
      add('added', appendPointer(path, key), isAdditionBreaking?.(item) ?? false, `${name} is new`);
    }
  }
}

export function isSame(left: unknown, right: unknown): boolean {
  if (left === undefined || right === undefined) return left === right;
  return canonicalJson(left as Json) === canonicalJson(right as Json);
}

const SHOWN_LENGTH_MAX = 80;

/** Returns text that is short enough to be read in a sentence. */
function shown(value: unknown): string | undefined {
  if (value === undefined) return 'absent';
  const text = JSON.stringify(value);
  return typeof value !== 'object' && text.length <= SHOWN_LENGTH_MAX ? text : undefined;
}
