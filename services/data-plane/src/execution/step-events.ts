import { type CallEvent, logLevels } from '@toolplane/contracts';
import type { ChosenAction } from './choose-action.ts';
import type { PreparedPlan, PreparedStep } from './prepare-plan.ts';
import type { PlanCall } from './run.ts';

export type StepTry = { step: PreparedStep; attempt: number; status: number | undefined; action: ChosenAction };

/** Tells the caller of each try of a step that came to an action. Undefined when the caller does not want to hear. */
export function createStepEvents(
  { steps, hasKnownLength }: PreparedPlan,
  { events, notify }: PlanCall,
): ((tried: StepTry) => void) | undefined {
  if (events === undefined) return undefined;
  const { progress: wantsProgress, logLevel } = events;
  const levelMin = logLevel === undefined ? logLevels.length : logLevels.indexOf(logLevel);
  let tries = 0;

  function toProgress({ step }: StepTry): CallEvent {
    tries += 1;
    const message = `Step ${step.id}`;
    if (!hasKnownLength) return { kind: 'progress', progress: tries, message };
    return { kind: 'progress', progress: steps.indexOf(step) + 1, total: steps.length, message };
  }

  return (tried) => {
    if (wantsProgress) notify(toProgress(tried));
    const entry = toLogEntry(tried);
    if (logLevels.indexOf(entry.level) >= levelMin) notify(entry);
  };
}

/** Names and numbers only: nothing of a request, an answer or an argument. */
function toLogEntry({ step, attempt, status, action }: StepTry): Extract<CallEvent, { kind: 'log' }> {
  const tried = { step: step.id, attempt, action: action.do, status: status ?? null };
  if (action.do !== 'retry') return { kind: 'log', level: 'info', data: { event: 'step_finished', ...tried } };
  return { kind: 'log', level: 'warning', data: { event: 'step_retry', ...tried, wait_ms: action.waitMs } };
}
