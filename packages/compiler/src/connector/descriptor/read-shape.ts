import { appendPointer, type Json, type JsonObject } from '@toolplane/contracts';
import type { z } from 'zod';
import { Part } from '../../document/part.ts';
import { DIAGNOSTICS_MAX } from '../../document/problems.ts';
import { type Connector, connectorSchema } from './connector-schema.ts';
import { DescriptorDraft } from './draft.ts';
import { type InvalidValue, toInvalidValues } from './invalid-values.ts';
import { reportIssue } from './report-issue.ts';

type Issue = z.core.$ZodIssue;

/**
 * Replacing a value may reveal other broken values: those that a type requires, or members of a value that had no type.
 */
const ROUNDS_MAX = 5;

/** A check of thousands of tools takes seconds, so not every replacement is tried for such a descriptor. */
const LARGE = 500;
const RUNS_MAX_IF_LARGE = 3;

/**
 * Reports everything that breaks the schema, and everything that `check` finds. If something is broken, each value that
 * could be meant replaces it, one after the other: a problem that occurs with all of them exists in any case. Returns
 * undefined then.
 */
export function readShape(root: Part, check: (draft: DescriptorDraft) => void): DescriptorDraft | undefined {
  if (root.object() === undefined) return undefined;
  const parsed = connectorSchema.safeParse(root.value);
  if (parsed.success) {
    const draft = new DescriptorDraft(parsed.data, root, { written: root, broken: [] });
    check(draft);
    return draft;
  }
  const { issues } = parsed.error;
  reportIssues(issues, root);
  if (root.problems.errors().length === 0) {
    root.error('invalid_descriptor', 'This is not a connector descriptor', 'Compare it with the schema.');
  }
  const broken = issues.flatMap((issue) => toInvalidValues(issue, root.value));
  const isReported = insideOf(broken);
  const most = Math.max(...broken.map(({ alternatives }) => alternatives.length));
  const runs = isLarge(root) ? Math.min(most, RUNS_MAX_IF_LARGE) : most;
  root.problems.addCommon(
    Array.from({ length: runs }, (_, run) => () => checkWith(run, { root, broken, check })),
    ({ pointer }) => !isReported(pointer),
  );
  return undefined;
}

function isLarge(root: Part): boolean {
  const lists = [root.place('operations'), root.place('mcp_config').place('route_mappings')];
  return lists.some(({ value }) => Array.isArray(value) && value.length > LARGE);
}

type Attempt = { root: Part; broken: readonly InvalidValue[]; check: (draft: DescriptorDraft) => void };

/** Checks with one of the values that could be meant. Returns false if the document is invalid even then. */
function checkWith(run: number, { root, broken: found, check }: Attempt): boolean {
  let broken = found;
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const value = broken.reduce<Json>((before, each) => {
      return withValue(before, each.path, each.alternatives[run % each.alternatives.length]);
    }, structuredClone(root.value));
    const part = new Part(value, '', root.problems);
    const parsed = connectorSchema.safeParse(value);
    if (parsed.success) {
      putBack(parsed.data, broken);
      check(
        new DescriptorDraft(parsed.data, part, { written: root, broken: broken.map(({ path }) => pointerOf(path)) }),
      );
      return true;
    }
    reportIssues(parsed.error.issues, part);
    broken = [...broken, ...parsed.error.issues.flatMap((issue) => toInvalidValues(issue, value))];
  }
  return false;
}

function putBack(connector: Connector, broken: readonly InvalidValue[]): void {
  for (const { path, written } of broken) {
    if (written !== undefined) withValue(connector as unknown as Json, path, written);
  }
}

/** Changes the document, which must be a copy. All parents of the location must exist. */
function withValue(root: Json, path: readonly PropertyKey[], value: Json | undefined): Json {
  const key = path.at(-1);
  const parent = path.slice(0, -1).reduce<Json>((inside, each) => (inside as JsonObject)[String(each)] ?? null, root);
  if (key === undefined || typeof parent !== 'object' || parent === null) return root;
  if (value === undefined) delete (parent as JsonObject)[String(key)];
  else (parent as JsonObject)[String(key)] = structuredClone(value);
  return root;
}

function insideOf(broken: readonly InvalidValue[]): (pointer: string) => boolean {
  const pointers = new Set(broken.map(({ path }) => pointerOf(path)));
  return (pointer) => {
    for (let at = pointer; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) if (pointers.has(at)) return true;
    return false;
  };
}

function pointerOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((parent, key) => appendPointer(parent, String(key)), '');
}

/**
 * Reports only the first of several problems of one value, which is sufficient, and nothing more for a value that could
 * not be read.
 */
function reportIssues(issues: readonly Issue[], root: Part): void {
  const reported = new Set(root.problems.errors().map(({ pointer }) => pointer));
  const first = issues.filter((issue) => {
    if (issue.code === 'unrecognized_keys') return true;
    const pointer = pointerOf(issue.path);
    const isFirst = !reported.has(pointer);
    reported.add(pointer);
    return isFirst;
  });
  for (const issue of first.slice(0, DIAGNOSTICS_MAX + 1)) reportIssue(issue, root);
}
