import { createHash } from 'node:crypto';
import type { PreparedAction, PreparedStep } from './prepare-plan.ts';
import type { Run, WorkflowRun } from './run.ts';

/**
 * A step from the moment the run reaches it until an action leads on: one try or several. A goto begins another visit.
 */
export type Visit = {
  /**
   * The number of the visit within the call. When a step that calls a workflow is tried again, the visits in that
   * workflow are the same.
   */
  readonly path: string;
  /** The visit of the step whose workflow this step is in. */
  readonly around: Visit | undefined;
  readonly retriesUsed: Map<PreparedAction, number>;
  /**
   * In the last try, or in what it called, something was sent that must not be sent twice, and its answer never arrived
   * completely.
   */
  hasLost: boolean;
};

export function startVisit({ visitPath, visits, calledBy }: WorkflowRun, { index, nameInPath }: PreparedStep): Visit {
  const count = (visits.get(index) ?? 0) + 1;
  visits.set(index, count);
  const path = `${visitPath}${nameInPath}${count === 1 ? '' : `.${count}`}`;
  return { path, around: calledBy, retriesUsed: new Map(), hasLost: false };
}

/** Each enclosing step would send it again as well; what runs in parallel would not. */
export function noteLost(visit: Visit): void {
  for (let lost: Visit | undefined = visit; lost !== undefined; lost = lost.around) lost.hasLost = true;
}

/** For what a step calls: that is part of the step. */
export function pathInside({ path }: Visit): string {
  return `${path}/`;
}

/** What runs before a try is meant to run again, so it is another visit each time. */
export function pathBefore({ path }: Visit, attempt: number): string {
  return `${path}.r${attempt}/`;
}

export function pathOfDependency({ visitPath }: WorkflowRun, workflowIndex: number): string {
  return `${visitPath}.w${workflowIndex}/`;
}

/** For the workflow that a step has gone to for good: it can have steps with the same names. */
export function pathBehind({ visitPath }: WorkflowRun): string {
  return `${visitPath}.t/`;
}

/** For paths, in which dots and slashes have a meaning. */
export function toNameInPath(stepId: string): string {
  return encodeURIComponent(stepId.toWellFormed()).replaceAll('.', '%2E');
}

/** The length that APIs with such keys accept. */
const KEY_LENGTH_MAX = 255;

/**
 * The same for all tries of a visit, and for no other visit of any call. Nobody can guess it without the id of the
 * call, which is random.
 */
export function toIdempotencyKey({ call: { callId } }: Run, { path }: Visit): string {
  const key = `${callId}.${path}`;
  return key.length <= KEY_LENGTH_MAX ? key : `${callId}.${createHash('sha256').update(path).digest('hex')}`;
}
