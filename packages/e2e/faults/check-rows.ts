import type { CheckedCall } from './check-call.ts';
import type { Excuses } from './excuses.ts';
import type { ClientAttempt, LogRow } from './journal.ts';
import { tools } from './tools.ts';
import type { InvariantViolation } from './violation.ts';

/**
 * Checks that every call that ended for its client has a row with the same outcome, and that no attempt has two rows.
 */
export function checkRows(
  calls: readonly CheckedCall[],
  rows: readonly LogRow[],
  excuses: Excuses,
): InvariantViolation[] {
  const rowsOf = Map.groupBy(rows, ({ client }) => client);
  return calls.flatMap(({ attempts }) =>
    attempts.flatMap((attempt, index) => checkRow(attempt, index === 0, rowsOf.get(attempt.id) ?? [], excuses)),
  );
}

function checkRow(
  attempt: ClientAttempt,
  isFirst: boolean,
  rows: readonly LogRow[],
  excuses: Excuses,
): InvariantViolation[] {
  const { id, tool, edge, reported, code, sentAt, endedAt } = attempt;
  const found = (what: string): InvariantViolation[] => [
    {
      invariant: 'oneRow',
      from: sentAt,
      to: endedAt,
      what: `${id} (${tool}), told ${reported}${code === undefined ? '' : `/${code}`} by ${edge}: ${what}`,
      evidence: [],
    },
  ];
  if (rows.length > 1) return found(`${rows.length} rows: ${rows.map(({ outcome }) => outcome).join(', ')}`);
  const expected = outcomeOf(attempt);
  if (expected === undefined) return [];
  const [row] = rows;
  // The edge of a task may stop waiting, for example after a freeze; its client still gets the worker's answer.
  const isLeftByEdge = tools[tool].isTask === true && row?.outcome === 'unknown';
  if (row !== undefined) {
    return row.outcome === expected || isLeftByEdge ? [] : found(`its row says ${row.outcome}`);
  }
  // A later attempt with the same key may be answered from the record of the first one; then it is not a call of its
  // own.
  if (attempt.isKeyed && !isFirst && reported !== 'not_started') return [];
  const span = { edge, from: sentAt, to: endedAt, isTask: tools[tool].isTask === true };
  return excuses.mayLackRow(span) ? [] : found('no row');
}

/** The outcome as the call log names it. Undefined if the client was told no end. */
function outcomeOf({ reported, isReplayed }: ClientAttempt): string | undefined {
  if (isReplayed) return undefined;
  if (reported === 'done' || reported === 'failed') return 'done';
  return reported === 'not_started' || reported === 'unknown' ? reported : undefined;
}
