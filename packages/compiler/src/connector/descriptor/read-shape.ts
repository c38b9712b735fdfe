import { appendPointer, type Json, type JsonObject } from '@toolplane/contracts';
import type { z } from 'zod';
import { Part } from '../../document/part.ts';
import { DIAGNOSTICS_MAX } from '../../document/problems.ts';
import { type Connector, connectorSchema } from './connector-schema.ts';
import { Draft } from './draft.ts';
import { reportIssue } from './report-issue.ts';
import { type Broken, toBroken } from './stand-ins.ts';

type Issue = z.core.$ZodIssue;

/** A value that is replaced may show what else is broken: what a type requires, or members of what had no type. */
const ROUNDS_MAX = 5;

/** A check of thousands of tools takes seconds, so there not every value stands in. */
const LARGE = 500;
const RUNS_MAX_IF_LARGE = 3;

/**
 * Reports all that breaks the schema, and what `check` finds. Where something is broken, each value that could be meant
 * stands in for it, one after the other: what is wrong with all of them is wrong in any case. Returns nothing then.
 */
export function readShape(root: Part, check: (draft: Draft) => void): Draft | undefined {
  if (root.object() === undefined) return undefined;
  const parsed = connectorSchema.safeParse(root.value);
  if (parsed.success) {
    const draft = new Draft(parsed.data, root, { written: root, broken: [] });
    check(draft);
    return draft;
  }
  const { issues } = parsed.error;
  reportIssues(issues, root);
  if (root.problems.errors().length === 0) {
    root.error('invalid_descriptor', 'This is not a connector descriptor', 'Compare it with the schema.');
  }
  const broken = issues.flatMap((issue) => toBroken(issue, root.value));
  const isTold = insideOf(broken);
  const most = Math.max(...broken.map(({ alternatives }) => alternatives.length));
  const runs = isLarge(root) ? Math.min(most, RUNS_MAX_IF_LARGE) : most;
  root.problems.addCommon(
    Array.from({ length: runs }, (_, run) => () => checkWith(run, { root, broken, check })),
    ({ pointer }) => !isTold(pointer),
  );
  return undefined;
}

function isLarge(root: Part): boolean {
  const lists = [root.place('operations'), root.place('mcp_config').place('route_mappings')];
  return lists.some(({ value }) => Array.isArray(value) && value.length > LARGE);
}

type Attempt = { root: Part; broken: readonly Broken[]; check: (draft: Draft) => void };

/** Checks with one of the values that could be meant. False if it was not to be read even so. */
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
      check(new Draft(parsed.data, part, { written: root, broken: broken.map(({ path }) => pointerOf(path)) }));
      return true;
    }
    reportIssues(parsed.error.issues, part);
    broken = [...broken, ...parsed.error.issues.flatMap((issue) => toBroken(issue, value))];
  }
  return false;
}

function putBack(connector: Connector, broken: readonly Broken[]): void {
  for (const { path, written } of broken) {
    if (written !== undefined) withValue(connector as unknown as Json, path, written);
  }
}

/** Changes the document, which is a copy. What leads to the place is there. */
function withValue(root: Json, path: readonly PropertyKey[], value: Json | undefined): Json {
  const key = path.at(-1);
  const parent = path.slice(0, -1).reduce<Json>((inside, each) => (inside as JsonObject)[String(each)] ?? null, root);
  if (key === undefined || typeof parent !== 'object' || parent === null) return root;
  if (value === undefined) delete (parent as JsonObject)[String(key)];
  else (parent as JsonObject)[String(key)] = structuredClone(value);
  return root;
}

function insideOf(broken: readonly Broken[]): (pointer: string) => boolean {
  const pointers = new Set(broken.map(({ path }) => pointerOf(path)));
  return (pointer) => {
    for (let at = pointer; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) if (pointers.has(at)) return true;
    return false;
  };
}

function pointerOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((parent, key) => appendPointer(parent, String(key)), '');
}

/** Of several problems of one value the first says enough; of one that could not be read nothing more is to say. */
function reportIssues(issues: readonly Issue[], root: Part): void {
  const told = new Set(root.problems.errors().map(({ pointer }) => pointer));
  const first = issues.filter((issue) => {
    if (issue.code === 'unrecognized_keys') return true;
    const pointer = pointerOf(issue.path);
    const isFirst = !told.has(pointer);
    told.add(pointer);
    return isFirst;
  });
  for (const issue of first.slice(0, DIAGNOSTICS_MAX + 1)) reportIssue(issue, root);
}
