import { isJsonObject, type Json, type JsonObject } from '@toolplane/contracts';
import type { z } from 'zod';

/** By the pointer of a list in what is left: the indexes that its items had. */
export type Kept = ReadonlyMap<string, number[]>;

type Path = readonly PropertyKey[];

const METADATA: JsonObject = { name: 'Connector', slug: 'connector', description: 'A connector.', publisher: 'Nobody' };

/**
 * A descriptor without what broke the schema: the innermost item of a list around each problem, or the member at the
 * top. Only of it can be said what else is wrong.
 */
export function withoutBroken(root: JsonObject, issues: readonly z.core.$ZodIssue[]): { value: Json; kept: Kept } {
  const broken = new Set(issues.flatMap((issue) => brokenBy(issue)).map(pointerOf));
  const kept = new Map<string, number[]>();
  const value = copy(root, '', '') as JsonObject;
  return { value: { metadata: METADATA, ...value }, kept };

  function copy(original: Json, pointer: string, pointerInCopy: string): Json {
    if (Array.isArray(original)) {
      const indexes = [...original.keys()].filter((index) => !broken.has(`${pointer}/${index}`));
      if (indexes.length < original.length) kept.set(pointerInCopy, indexes);
      return indexes.map((index, at) => copy(original[index] ?? null, `${pointer}/${index}`, `${pointerInCopy}/${at}`));
    }
    if (!isJsonObject(original)) return original;
    const entries = Object.entries(original).filter(([key]) => !broken.has(`${pointer}/${key}`));
    return Object.fromEntries(
      entries.map(([key, member]) => [key, copy(member, `${pointer}/${key}`, `${pointerInCopy}/${key}`)]),
    );
  }
}

function brokenBy(issue: z.core.$ZodIssue): Path[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => [...issue.path, key]);
  const [first = '', second] = issue.path;
  const index = issue.path.findLastIndex((segment) => typeof segment === 'number');
  if (index >= 0) return [issue.path.slice(0, index + 1)];
  return [first === 'metadata' || second === undefined ? [first] : [first, second]];
}

function pointerOf(path: Path): string {
  return path.map((segment) => `/${String(segment)}`).join('');
}
