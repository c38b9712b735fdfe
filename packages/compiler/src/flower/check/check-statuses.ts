import type { FoundReference } from '@toolplane/expressions';
import { holdsFor } from '../../control-flow/holds-for.ts';
import type { Action, Procedure, Step } from '../model.ts';

/** Checks how the actions of a step handle the status of its response. */

export const GOOD_ACTION = '{ when: "$statusCode < 400", do: next }';

const statuses = range(100, 599);
const successes = range(200, 299);
/** A 404 or 410 is often the expected result and not a failure. */
const failures = [500, ...range(400, 599)].filter((status) => status !== 404 && status !== 410);

export function checkStatuses(procedure: Procedure): void {
  for (const [index, step] of procedure.steps.entries()) {
    warnOfUnhandled(step);
    warnOfNoMatch(step);
    warnOfErrorEnds(step, index, procedure);
  }
}

function warnOfUnhandled({ id, part, actions }: Step): void {
  const isHandled = actions.some(({ when }) => when?.references.some(({ path }) => isStatus(path, id)));
  // Such a step only retries or fails.
  const isRetried = actions.length > 0 && actions.every((action) => action.do === 'retry');
  if (isHandled || isRetried) return;
  const hint = actions.length === 0 ? `add actions: [${GOOD_ACTION}]` : `test the status, as in ${GOOD_ACTION}`;
  part.warn(
    'errors_not_handled',
    `Step "${id}" has no action for error statuses`,
    `A 404 or 500 is not a failure by itself: ${hint}. A status that no action matches fails the call.`,
  );
}

/** Warns of actions such as retries alone: after them, a correct response fails the call. */
function warnOfNoMatch({ part, actions }: Step): void {
  const leaves = (status: number) => actions.some((_, index) => isTaken(actions, index, status) !== false);
  if (actions.length === 0 || successes.some(leaves)) return;
  const message = 'No success status matches an action that goes on, so after each of them the call fails';
  part.member('actions')?.warn('no_default_action', message, `Unless that is meant, add ${GOOD_ACTION}.`);
}

/** Otherwise, the agent might receive a success with outputs that are null. */
function warnOfErrorEnds({ id, actions }: Step, stepIndex: number, procedure: Procedure): void {
  if (!hasOutputsOf(procedure, stepIndex) || showsErrors(procedure)) return;
  const needsLater = hasOutputsOf(procedure, stepIndex + 1);
  for (const [index, action] of actions.entries()) {
    if (action.do !== 'end' || (!needsLater && isForOneStatus(action))) continue;
    const error = failures.find((status) => isTaken(actions, index, status) === true);
    if (error === undefined || successes.every((status) => isTaken(actions, index, status) !== false)) continue;
    const hint =
      'Leave out what matches error statuses, so that they fail the call' +
      (procedure.noun === 'flow' ? `, or add an output that tells them, such as $steps.${id}.response.status.` : '.');
    action.part.warn(
      'error_ends_as_success',
      `After a status such as ${error}, the call may succeed without values`,
      hint,
    );
  }
}

/** Returns undefined if the result depends on more than the status. */
function isTaken(actions: Action[], index: number, status: number): boolean | undefined {
  const action = actions[index];
  if (action === undefined || action.do === 'retry') return false;
  let isStillOwner = true;
  for (const before of actions.slice(0, index)) {
    // The attempts of a retry are eventually used up.
    if (before.do === 'retry') continue;
    const holds = matches(before, status);
    if (holds === true) return false;
    isStillOwner &&= holds === false;
  }
  const holds = matches(action, status);
  return holds === true && !isStillOwner ? undefined : holds;
}

/**
 * Returns true for an action for a single status: its author probably knows what the API returns with it, such as the
 * state of an unhealthy service.
 */
function isForOneStatus(action: Action): boolean {
  return statuses.filter((status) => matches(action, status) !== false).length === 1;
}

function matches({ when }: Action, status: number): boolean | undefined {
  return when === undefined || holdsFor(when.condition, status);
}

function hasOutputsOf({ steps, ...procedure }: Procedure, first: number): boolean {
  const ids = new Set(steps.slice(first).map(({ id }) => id));
  return shownBy(procedure).some(({ path: [root, id = ''] }) => root === 'steps' && ids.has(id));
}

/** Also searches the outputs of steps. */
function showsErrors({ steps, ...procedure }: Procedure): boolean {
  const ofSteps = new Map(steps.flatMap(({ id, outputs }) => outputs.map((each) => [`${id} ${each.name}`, each])));
  return shownBy(procedure).some(({ path }) => {
    const [root, id, part, name] = path;
    if (root !== 'steps') return false;
    const inside = part === 'outputs' ? (ofSteps.get(`${id} ${name}`)?.references ?? []) : [];
    return [path, ...inside.map((reference) => reference.path)].some(indicatesError);
  });
}

function shownBy({ outputs, content }: Pick<Procedure, 'outputs' | 'content'>): FoundReference[] {
  return [...outputs.flatMap(({ references }) => references), ...(content?.references ?? [])];
}

function indicatesError(path: string[]): boolean {
  const own = path[0] === 'steps' ? path.slice(2) : path;
  return (own[0] === 'response' && own[1] === 'status') || own.some((name) => ERROR_NAME.test(name));
}

const ERROR_NAME = /^(?:.*_)?(?:errors?|problems?|faults?|failure|reason|message|details?)(?:_.*)?$/i;

function isStatus(path: string[], stepId: string): boolean {
  const own = path[0] === 'steps' && path[1] === stepId ? path.slice(2) : path;
  return own[0] === 'response' && own[1] === 'status';
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
