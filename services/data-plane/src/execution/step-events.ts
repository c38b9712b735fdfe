import { type CallEvent, logLevels } from '@toolplane/contracts';
import type { Scope } from '@toolplane/expressions';
import type { PreparedAction, PreparedPlan, PreparedStep, PreparedWorkflow } from './prepare-plan.ts';
import type { PlanCall } from './run.ts';

/** `waitMs` is the wait before the next attempt, only for a retry; `path` names the steps that called the workflow. */
export type EndedAttempt = {
  step: PreparedStep;
  path: string;
  workflow: PreparedWorkflow;
  attempt: number;
  scope: Scope;
  action: PreparedAction;
  waitMs: number;
};

/**
 * Returns a function that reports to the caller each attempt of a step that led to an action; undefined if the caller
 * does not want these events.
 */
export function createStepEvents(
  { main, hasKnownLength }: PreparedPlan,
  { events, notify }: PlanCall,
): ((ended: EndedAttempt) => void) | undefined {
  if (events === undefined) return undefined;
  const { progress: wantsProgress, logLevel } = events;
  const levelMin = logLevel === undefined ? logLevels.length : logLevels.indexOf(logLevel);
  let tries = 0;

  /** If the number of steps is known, the steps of a called workflow count as part of the step that calls it. */
  function toProgress({ step, workflow }: EndedAttempt): CallEvent | undefined {
    tries += 1;
    const message = `Step ${step.id}`;
    if (!hasKnownLength) return { kind: 'progress', progress: tries, message };
    if (workflow !== main) return undefined;
    return { kind: 'progress', progress: step.index + 1, total: main.steps.length, message };
  }

  return (ended) => {
    const progress = wantsProgress ? toProgress(ended) : undefined;
    if (progress !== undefined) notify(progress);
    const entry = toLogEntry(ended);
    if (logLevels.indexOf(entry.level) >= levelMin) notify(entry);
  };
}

/** Returns only names and numbers: nothing of a request, a response or an argument. */
function toLogEntry({ step, path, attempt, scope, action, waitMs }: EndedAttempt): Extract<CallEvent, { kind: 'log' }> {
  const entry = { step: path + step.id, attempt, action: action.do, status: scope.response?.status ?? null };
  if (action.do !== 'retry') return { kind: 'log', level: 'info', data: { event: 'step_finished', ...entry } };
  return { kind: 'log', level: 'warning', data: { event: 'step_retry', ...entry, wait_ms: waitMs } };
}
