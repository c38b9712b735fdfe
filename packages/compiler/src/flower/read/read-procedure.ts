import { planLimits } from '@toolplane/contracts';
import type { Part } from '../../document/part.ts';
import type { Procedure, Step } from '../model.ts';
import { readQuestions } from './read-questions.ts';
import { readSecurity } from './read-security.ts';
import { readStep } from './read-step.ts';

const STEPS_MAX = 50;

export const procedureKeys = ['steps', 'security', 'x-ask', 'x-deadline'];

/** Reads what flows, prompts and resources share. */
export function readProcedure(
  part: Part,
  { needsSteps }: { needsSteps: boolean },
): Pick<Procedure, 'part' | 'rounds' | 'steps' | 'deadlineMs'> {
  const rounds = readQuestions(part.member('x-ask'));
  const stepsPart = needsSteps ? part.required('steps') : part.member('steps');
  const stepParts = stepsPart?.items({ max: STEPS_MAX, what: 'steps' }) ?? [];
  const steps = stepParts.filter((step) => step.object()).map(readStep);
  addSecurity(part.member('security'), steps);
  return { part, rounds, steps, deadlineMs: readDeadline(part.member('x-deadline')) };
}

function addSecurity(part: Part | undefined, steps: Step[]): void {
  const authorization = part === undefined ? undefined : readSecurity(part);
  if (authorization === undefined) return;
  for (const { request } of steps) {
    const isSet = request.headers.some(({ name }) => name.toLowerCase() === 'authorization');
    if (!isSet) request.headers.push(authorization);
  }
}

/** Reads the deadline of the whole call, including waits. The time that a client takes to answer does not count. */
function readDeadline(part: Part | undefined): number {
  const seconds = part?.number({ min: 1, max: planLimits.deadlineMsMax / 1000, isWhole: false });
  return seconds === undefined ? planLimits.deadlineMsDefault : Math.round(seconds * 1000);
}
