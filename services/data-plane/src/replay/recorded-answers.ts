import type { RecordedAnswer, Recording } from '@toolplane/contracts';
import type { RequestPosition } from '../egress/http-client.ts';
import { Diverged } from './diverged.ts';

export type RecordedAnswers = {
  /**
   * `isLast` is true if the attempt made no further request. Throws `Diverged` if no response is left, or none for
   * `position`.
   */
  next(position: RequestPosition): { answer: RecordedAnswer; isLast: boolean };
};

/**
 * Returns the responses in the order in which each step requested them. A step can be visited more than once, so its
 * attempts are counted: the first request of an attempt switches to the responses of the next recorded attempt.
 */
export function createRecordedAnswers(
  { answers }: Pick<Recording, 'answers'>,
  onDiverged: (diverged: Diverged) => Diverged,
): RecordedAnswers {
  const attempts = Map.groupBy(answers, ({ step }) => step);
  const left = new Map(Array.from(attempts, ([step, those]) => [step, groupByAttempt(those)]));
  const current = new Map<string, RecordedAnswer[]>();
  return {
    next(position) {
      const { step, attempt, index } = position;
      if (index === 0) current.set(step, left.get(step)?.shift() ?? []);
      const answered = current.get(step) ?? [];
      const answer = answered[index];
      const reason = answer?.attempt === attempt ? findProblem(answer) : 'The recording has no answer for this request';
      if (answer === undefined || reason !== undefined) throw onDiverged(new Diverged(position, reason ?? ''));
      return { answer, isLast: index === answered.length - 1 };
    },
  };
}

function findProblem({ response, error, cut }: RecordedAnswer): string | undefined {
  if (error !== undefined) return undefined;
  if (response === undefined) return 'The recording has neither an answer nor an error here';
  if (cut?.includes('response.body') !== true) return undefined;
  return 'The recording has only a part of this answer: put the whole body into response.body, and remove response.body from cut';
}

/** A request with index 0 begins an attempt. */
export function groupByAttempt<Item extends { index?: number | undefined }>(items: readonly Item[]): Item[][] {
  const groups: Item[][] = [];
  for (const one of items) {
    const last = groups.at(-1);
    if (last === undefined || (one.index ?? 0) === 0) groups.push([one]);
    else last.push(one);
  }
  return groups;
}
