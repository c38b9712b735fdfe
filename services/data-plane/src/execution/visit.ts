import { createHash } from 'node:crypto';
import type { PreparedAction, PreparedStep } from './prepare-plan.ts';
import type { Run, WorkflowRun } from './run.ts';

/** A step from when the run comes to it until an action leads on: one try or several. A goto begins another visit. */
export type Visit = {
  /** Which one of the call it is. When a step is tried again that calls a workflow, the visits in there are the same. */
  readonly path: string;
  /** That of the step whose workflow this step is in. */
  readonly around: Visit | undefined;
  readonly retriesUsed: Map<PreparedAction, number>;
  /** In the last try, or in what it called, something was sent that must not be sent twice, and its answer never came whole. */
  hasLost: boolean;
};

export function startVisit({ visitPath, visits, calledBy }: WorkflowRun, { index, nameInPath }: PreparedStep): Visit {
  const count = (visits.get(index) ?? 0) + 1;
  visits.set(index, count);
  const path = `${visitPath}${nameInPath}${count === 1 ? '' : `.${count}`}`;
  return { path, around: calledBy, retriesUsed: new Map(), hasLost: false };
}

/** Each step around would send it again as well; what runs beside them would not. */
export function noteLost(visit: Visit): void {
  for (let lost: Visit | undefined = visit; lost !== undefined; lost = lost.around) lost.hasLost = true;
}

/** What a step calls is in it. */
export function pathInside({ path }: Visit): string {
  return `${path}/`;
}

/** What is run before a try is meant to be run again, so it is another visit each time. */
export function pathBefore({ path }: Visit, attempt: number): string {
  return `${path}.r${attempt}/`;
}

export function pathOfDependency({ visitPath }: WorkflowRun, workflowIndex: number): string {
  return `${visitPath}.w${workflowIndex}/`;
}

/** Of the workflow that a step has gone to for good: it can have steps of the same names. */
export function pathBehind({ visitPath }: WorkflowRun): string {
  return `${visitPath}.t/`;
}

/** For paths, in which dots and slashes have a meaning. */
export function toNameInPath(stepId: string): string {
  return encodeURIComponent(stepId.toWellFormed()).replaceAll('.', '%2E');
}

/** What APIs take that know such keys. */
const KEY_LENGTH_MAX = 255;

/**
 * The same for all tries of a visit, and for no other visit of any call. Nobody can guess it who does not know the id of
 * the call, which is random.
 */
export function toIdempotencyKey({ call: { callId } }: Run, { path }: Visit): string {
  const key = `${callId}.${path}`;
  return key.length <= KEY_LENGTH_MAX ? key : `${callId}.${createHash('sha256').update(path).digest('hex')}`;
}
