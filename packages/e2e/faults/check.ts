/*
 * Judges a campaign by its journals and the call log. Shares no code with the platform: it knows only the tools, what
 * clients were told, what the upstream received, and what was done to processes.
 */
import { checkCall } from './check-call.ts';
import { checkRows } from './check-rows.ts';
import { createExcuses } from './excuses.ts';
import type { ClientAttempt, FaultInjection, Journals, Level, ProcessEvent } from './journal.ts';
import type { InvariantViolation } from './violation.ts';

const HEALTHY_MS_MAX = 5_000;

export function check(journals: Journals): InvariantViolation[] {
  const { attempts, requests, rows, unread, injections, levels, processEvents } = journals;
  const excuses = createExcuses(journals);
  const requestsOf = Map.groupBy(requests, ({ call }) => call);
  const attemptsOf = Map.groupBy(attempts, ({ call }) => call);
  const calls = [...attemptsOf].map(([call, itsAttempts]) => ({
    call,
    attempts: itsAttempts.toSorted((one, other) => one.sentAt - other.sentAt) as readonly ClientAttempt[],
    requests: (requestsOf.get(call) ?? []).toSorted((one, other) => one.at - other.at),
  }));
  return [
    ...calls.flatMap((call) => checkCall(call, excuses)),
    ...(rows === undefined ? [] : checkRows(calls, rows, excuses)),
    ...processEvents.flatMap(checkStop),
    ...injections.flatMap(checkRecovery),
    ...levels.flatMap(checkLevel),
    ...unread.map((what) => atTheEnd('healthy', `could not be read at the end: ${what}`)),
  ];
}

function checkStop({ process, what, from, to }: ProcessEvent): InvariantViolation[] {
  if (what !== 'hung') return [];
  return [{ invariant: 'stops', from, to, what: `${process} did not end and was killed`, evidence: [] }];
}

function checkRecovery({ faults, from, to, recoveredMs, lagMs, notes }: FaultInjection): InvariantViolation[] {
  if (recoveredMs !== undefined && recoveredMs - lagMs <= HEALTHY_MS_MAX) return [];
  const after = recoveredMs === undefined ? 'not within the time allowed' : `after ${Math.round(recoveredMs)} ms`;
  return [{ invariant: 'healthy', from, to, what: `${faults.join(' + ')}: healthy ${after}`, evidence: notes }];
}

function checkLevel({ what, before, after, allowed, unit }: Level): InvariantViolation[] {
  if (after <= allowed) return [];
  const text = `${what}: ${after} ${unit} at the end, ${before} at the beginning, at most ${allowed} allowed`;
  return [atTheEnd('leftBehind', text)];
}

function atTheEnd(invariant: InvariantViolation['invariant'], what: string): InvariantViolation {
  return { invariant, from: Number.POSITIVE_INFINITY, to: Number.POSITIVE_INFINITY, what, evidence: [] };
}
