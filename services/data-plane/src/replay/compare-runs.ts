/*
 * Lists the differences between a replayed run and the recorded one: request by request, attempt by attempt, and at the
 * end. Values are those of recordings, in which secrets are masked.
 */
import type { ActionRun, Difference, FlowRun, Json, RecordedAnswer, Recording, StepRun } from '@toolplane/contracts';
import type { Diverged } from './diverged.ts';
import { findValueDifferences, type ValueDifference } from './find-differences.ts';
import { FIELD_MARK } from './placeholders.ts';
import { groupByAttempt } from './recorded-answers.ts';

/** The maximum number of differences per request, per attempt and for the outputs. */
const DIFFERENCES_MAX = 20;
/** The maximum length of a value that is reported. */
const VALUE_LENGTH_MAX = 1024;
/** Waits that an upstream requested as a date are only precise to the second. */
const WAIT_MS_DIFFERENCE_MAX = 1000;

type Position = Pick<Difference, 'step' | 'attempt' | 'index'>;

/**
 * Returns the differences in the order of the run. `diverged` is the position at which the run ended because no
 * recorded response was left.
 */
export function compareRuns(recorded: Recording, replayed: Recording, diverged: Diverged | undefined): Difference[] {
  const [before, now] = [attemptsOf(recorded.answers), attemptsOf(replayed.answers)];
  const differences = compareRequests(before, now);
  if (recorded.trace !== undefined && replayed.trace !== undefined) {
    differences.push(...compareAttempts(recorded.trace, replayed.trace, diverged));
  }
  // Nothing after the position at which the run ended could have been requested.
  if (diverged === undefined)
    return [...differences, ...listUnrequested(before, now), ...compareEnds(recorded, replayed)];
  const { step, attempt, index } = diverged.position;
  return [...differences, { kind: 'unanswered', step, attempt, index, message: diverged.message }];
}

/** The requests of each step, grouped by attempt. */
type AttemptsByStep = ReadonlyMap<string, RecordedAnswer[][]>;

function attemptsOf(answers: readonly RecordedAnswer[]): AttemptsByStep {
  const ofSteps = Map.groupBy(answers, ({ step }) => step);
  return new Map(Array.from(ofSteps, ([step, those]) => [step, groupByAttempt(those)]));
}

function compareRequests(before: AttemptsByStep, now: AttemptsByStep): Difference[] {
  return Array.from(now).flatMap(([step, attempts]) =>
    attempts.flatMap((requests, count) =>
      requests.flatMap((request, index) => {
        const known = before.get(step)?.[count]?.[index];
        return known === undefined ? [] : compareRequest(known, request);
      }),
    ),
  );
}

function listUnrequested(before: AttemptsByStep, now: AttemptsByStep): Difference[] {
  return Array.from(before).flatMap(([step, attempts]) =>
    attempts.flatMap((requests, count) =>
      requests.flatMap((answer, index): Difference[] => {
        if (now.get(step)?.[count]?.[index] !== undefined) return [];
        return [{ kind: 'unasked', ...positionOf(answer), message: 'The run did not request this answer' }];
      }),
    ),
  );
}

function positionOf({ step, attempt, index }: Position): Position {
  return { step, attempt, ...(index === undefined ? {} : { index }) };
}

/** An attempt that made no request before, or makes none now, has a different error. */
function compareRequest(recorded: RecordedAnswer, replayed: RecordedAnswer): Difference[] {
  if (recorded.request === undefined) return [];
  const found = findDifferences(toJson(recorded.request), toJson(replayed.request));
  return toDifferences(found, 'request', positionOf(replayed), 'The request differs');
}

/** The boundary between the parts of a form is different each time. The query is compared by name. */
function toJson(request: RecordedAnswer['request']): Json | undefined {
  if (request === undefined) return undefined;
  const text = JSON.stringify({ ...request, url: request.url.replace(/\?.*/s, '') });
  return JSON.parse(text.replaceAll(/toolplane-[0-9a-f-]{36}/g, 'toolplane-boundary')) as Json;
}

function findDifferences(recorded: Json | undefined, replayed: Json | undefined): ValueDifference[] {
  return findValueDifferences(recorded, replayed, { isEqual: isEqualButMarks, differencesMax: DIFFERENCES_MAX });
}

/** A mark matches any text: the value of a field that is not secret, or a value that was masked because of its name. */
function isEqualButMarks(recorded: Json, replayed: Json): boolean {
  if (typeof recorded !== 'string' || typeof replayed !== 'string' || !MARKS.test(replayed)) {
    return recorded === replayed;
  }
  const [first = '', ...others] = replayed.split(MARKS);
  if (!recorded.startsWith(first)) return false;
  let at = first.length;
  for (const [index, part] of others.entries()) {
    const found = index === others.length - 1 ? recorded.length - part.length : recorded.indexOf(part, at);
    if (found < at || !recorded.startsWith(part, found)) return false;
    at = found + part.length;
  }
  return true;
}

const MARKS = new RegExp(`${FIELD_MARK}|\\[masked\\]|%5Bmasked%5D`);

function compareAttempts(recorded: FlowRun, replayed: FlowRun, diverged: Diverged | undefined): Difference[] {
  const [before, now] = [listAttempts(recorded), listAttempts(replayed)].map((attempts) =>
    Map.groupBy(attempts, ({ step }) => step),
  );
  return Array.from(now ?? []).flatMap(([step, attempts]) =>
    attempts.flatMap((current, count) => {
      const known = before?.get(step)?.[count];
      const isEnd = isOnWay(step, diverged) && count === attempts.length - 1;
      return known === undefined || isEnd ? [] : compareAttempt(known, current);
    }),
  );
}

/** Returns whether the run ended in this step, or in a workflow that the step had called. */
function isOnWay(step: string, diverged: Diverged | undefined): boolean {
  return diverged?.position.step === step || diverged?.position.step.startsWith(`${step}/`) === true;
}

type Attempt = { step: string; run: StepRun };

function listAttempts({ children }: FlowRun | StepRun, path = ''): Attempt[] {
  return children.flatMap((child): Attempt[] => {
    if (child.type === 'action.run') return [];
    if (child.type === 'flow.run') return listAttempts(child, path);
    const step = path + child.step_id;
    return [{ step, run: child }, ...listAttempts(child, `${step}/`)];
  });
}

function compareAttempt({ run: recorded }: Attempt, { step, run: replayed }: Attempt): Difference[] {
  const position = { step, attempt: replayed.attempt };
  const [before, now] = [recorded, replayed].map((run) => ({
    action: run.children.find((child): child is ActionRun => child.type === 'action.run')?.action,
    error: run.error?.code,
  }));
  const differences: Difference[] = [];
  if (before?.error !== now?.error) {
    differences.push({
      kind: 'error',
      ...position,
      message: 'The step fails differently, no longer fails, or fails only now',
      ...reportedOf({ recorded: before?.error, replayed: now?.error }),
    });
  }
  if (!isSameAction(before?.action, now?.action)) {
    differences.push({
      kind: 'action',
      ...position,
      message: 'The step continues elsewhere',
      ...reportedOf({ recorded: before?.action as Json | undefined, replayed: now?.action as Json | undefined }),
    });
  }
  const isAlike = before?.error === now?.error;
  const outputs = isAlike ? findDifferences(recorded.outputs, replayed.outputs) : [];
  return [...differences, ...toDifferences(outputs, 'outputs', position, 'The step has different outputs')];
}

function isSameAction(one: ActionRun['action'] | undefined, other: ActionRun['action'] | undefined): boolean {
  if (one?.type !== other?.type || one?.to !== other?.to) return false;
  return Math.abs((one?.wait_ms ?? 0) - (other?.wait_ms ?? 0)) <= WAIT_MS_DIFFERENCE_MAX;
}

function compareEnds(recorded: Recording, replayed: Recording): Difference[] {
  const differences: Difference[] = [];
  if (recorded.outcome !== replayed.outcome) {
    const message = 'The call ends with a different outcome';
    differences.push({ kind: 'outcome', message, recorded: recorded.outcome, replayed: replayed.outcome });
  }
  if (recorded.error?.code !== replayed.error?.code) {
    const reported = reportedOf({ recorded: recorded.error?.code, replayed: replayed.error?.code });
    differences.push({
      kind: 'error',
      message: 'The call fails differently, no longer fails, or fails only now',
      ...reported,
    });
  }
  const outputs = findDifferences(recorded.outputs, replayed.outputs);
  return [...differences, ...toDifferences(outputs, 'outputs', {}, 'The call has different outputs')];
}

function toDifferences(
  found: readonly ValueDifference[],
  kind: Difference['kind'],
  position: Position,
  message: string,
): Difference[] {
  return found.map(({ pointer, ...values }) => ({ kind, ...position, pointer, message, ...reportedOf(values) }));
}

function reportedOf({ recorded, replayed }: Pick<ValueDifference, 'recorded' | 'replayed'>) {
  return {
    ...(recorded === undefined ? {} : { recorded: cut(recorded) }),
    ...(replayed === undefined ? {} : { replayed: cut(replayed) }),
  };
}

function cut(value: Json): Json {
  const text = JSON.stringify(value);
  return text.length <= VALUE_LENGTH_MAX ? value : `${text.slice(0, VALUE_LENGTH_MAX)}…`;
}
