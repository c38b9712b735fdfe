import { createHash } from 'node:crypto';
import type { Span } from '@opentelemetry/api';
import type { Scope } from '@toolplane/expressions';
import type { PreparedAction, PreparedStep } from './prepare-plan.ts';
import type { Run, WorkflowRun } from './run.ts';

/**
 * The visit of a step: from the moment the run reaches it until its action is not a retry, with one or more attempts. A
 * goto begins another visit.
 */
export type Visit = {
  /**
   * Identifies the visit within the call. If a step that calls a workflow is retried, the visits in that workflow keep
   * their paths.
   */
  readonly path: string;
  /** The visit of the step whose workflow contains this step. */
  readonly around: Visit | undefined;
  readonly retriesUsed: Map<PreparedAction, number>;
  /**
   * True if, in the last attempt or in a workflow that it called, a request was sent that must not be sent twice, and
   * its response never arrived completely.
   */
  hasLost: boolean;
};

/** One attempt of a visit. `number` is its number in the visit, from 1. */
export type Attempt = { readonly visit: Visit; readonly number: number; readonly scope: Scope; readonly span: Span };

export function startVisit({ visitPath, visits, calledBy }: WorkflowRun, { index, nameInPath }: PreparedStep): Visit {
  const count = (visits.get(index) ?? 0) + 1;
  visits.set(index, count);
  const path = `${visitPath}${nameInPath}${count === 1 ? '' : `.${count}`}`;
  return { path, around: calledBy, retriesUsed: new Map(), hasLost: false };
}

/**
 * Marks all enclosing visits, because retrying an enclosing step would send the request again as well; steps in
 * parallel would not.
 */
export function markLost(visit: Visit): void {
  for (let lost: Visit | undefined = visit; lost !== undefined; lost = lost.around) lost.hasLost = true;
}

/** Returns the path of a workflow that a step calls, which is part of the step. */
export function pathInside({ path }: Visit): string {
  return `${path}/`;
}

/** Returns the path of what runs before a retry. It is meant to run again, so it is another visit each time. */
export function pathBefore({ path }: Visit, attempt: number): string {
  return `${path}.r${attempt}/`;
}

export function pathOfDependency({ visitPath }: WorkflowRun, workflowIndex: number): string {
  return `${visitPath}.w${workflowIndex}/`;
}

/**
 * Returns the path of the workflow to which a step has passed control for good, because it can have steps with the same
 * names.
 */
export function pathBehind({ visitPath }: WorkflowRun): string {
  return `${visitPath}.t/`;
}

/** Encodes a name for paths, in which dots and slashes have a meaning. */
export function toNameInPath(stepId: string): string {
  return encodeURIComponent(stepId.toWellFormed()).replaceAll('.', '%2E');
}

/** The length of idempotency keys that APIs accept. */
const KEY_LENGTH_MAX = 255;

/**
 * Returns a key that is the same for all attempts of a visit, and differs from the keys of all other visits of any
 * call. Nobody can guess it without the id of the call, which is random.
 */
export function toIdempotencyKey({ call: { callId } }: Run, { path }: Visit): string {
  const key = `${callId}.${path}`;
  return key.length <= KEY_LENGTH_MAX ? key : `${callId}.${createHash('sha256').update(path).digest('hex')}`;
}
