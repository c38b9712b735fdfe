import { describe, expect, test } from '@jest/globals';
import { check } from './check.ts';
import type { ClientAttempt, FaultInjection, Journals, ProcessEvent, ReceivedRequest } from './journal.ts';
import { tools } from './tools.ts';
import { invariants } from './violation.ts';

/*
 * A checker that cannot fail proves nothing: each violation is planted here, and the checker has to find it and no
 * other.
 */

const STARTED_AT = 1_000_000;
const at = (ms: number) => STARTED_AT + ms;

function attempt(given: Partial<ClientAttempt> = {}): ClientAttempt {
  const call = given.call ?? 'c1';
  const reported = given.reported ?? 'done';
  return {
    id: call,
    call,
    tool: 'book_trip',
    era: 'modern',
    edge: 'edge 1',
    isKeyed: false,
    sentAt: at(0),
    endedAt: at(800),
    lagMs: 0,
    ...(reported === 'done' ? { answeredCall: call } : {}),
    ...given,
    reported,
  };
}

/** The requests of a trip, or of the steps that are named, 250 ms apart. */
function requests(call = 'c1', steps: readonly string[] = tools.book_trip.steps, since = 20): ReceivedRequest[] {
  return steps.map((step, index) => ({ call, step, at: at(since + index * 250), wallMs: 0, lateMs: 0 }));
}

function journals(given: Partial<Journals> = {}): Journals {
  const attempts = given.attempts ?? [attempt()];
  const ended = attempts.filter(({ reported, isReplayed }) => /done|not_started|unknown/.test(reported) && !isReplayed);
  return {
    attempts,
    requests: attempts.some(({ reported }) => reported === 'done') ? requests() : [],
    rows: ended.map(({ id, reported }) => ({ client: id, outcome: reported })),
    unread: [],
    injections: [],
    processEvents: [],
    levels: [],
    startedAt: STARTED_AT,
    ...given,
  };
}

/** The invariants that any of these tests found broken. */
const everFound = new Set<string>();

function found(given: Partial<Journals>): string[] {
  const violations = check(journals(given)).map(({ invariant }) => invariant);
  for (const invariant of violations) everFound.add(invariant);
  return violations;
}

const frozen = (process: string, from: number, to: number): ProcessEvent => ({ process, what: 'frozen', from, to });
const killed = (process: string, from: number, to: number): ProcessEvent => ({ process, what: 'killed', from, to });

function injection(given: Partial<FaultInjection> = {}): FaultInjection {
  return {
    faults: ['fault'],
    from: at(0),
    to: at(5_000),
    recoveredMs: 200,
    lagMs: 0,
    rowsLagMs: 0,
    upstreamDelayMs: 0,
    notes: [],
    ...given,
  };
}

test('nothing is found in a campaign in which everything was kept', () => {
  expect(check(journals())).toEqual([]);
  expect(found({ attempts: [attempt({ reported: 'not_started' })], injections: [injection()] })).toEqual([]);
  expect(found({ attempts: [attempt({ reported: 'unknown' })], requests: requests('c1', ['reserve']) })).toEqual([]);
  const moved = { from: at(0), to: at(100) };
  const repeated = ['find', 'find', 'open'].map((step, index) => ({
    call: 'c1',
    step,
    at: at(index * 20),
    wallMs: 0,
    lateMs: 0,
  }));
  expect(
    found({ attempts: [attempt({ tool: 'read_twice' })], requests: repeated, injections: [injection(moved)] }),
  ).toEqual([]);
});

describe('a request', () => {
  test('that the upstream got twice is found', () => {
    expect(found({ requests: [...requests(), ...requests('c1', ['pay'], 300)] })).toEqual(['once']);
  });

  test('that the upstream got twice for one idempotency key is found, whichever attempts sent it', () => {
    const attempts = [
      attempt({ id: 'c1.0', isKeyed: true, reported: 'not_started', code: 'deadline_exceeded' }),
      attempt({ id: 'c1.1', isKeyed: true, sentAt: at(2_000), endedAt: at(3_000) }),
    ];
    const sent = [...requests('c1', ['reserve']), ...requests('c1', undefined, 2_020)];
    expect(found({ attempts, requests: sent }).toSorted()).toEqual(['notStarted', 'oneKey']);
  });

  test('after a key was told unknown is found, unless a later attempt with the key ran', () => {
    const attempts = [
      attempt({ id: 'c1.0', isKeyed: true, reported: 'unknown', code: 'queue_unavailable' }),
      attempt({ id: 'c1.1', isKeyed: true, sentAt: at(2_000), endedAt: at(3_000) }),
    ];
    expect(found({ attempts, requests: requests('c1', undefined, 2_020) })).toEqual([]);
    const late = { attempts: attempts.slice(0, 1), requests: requests('c1', undefined, 2_020) };
    expect(found(late)).toEqual(['nothingAfter']);
  });

  test('that is missing from a call that is done is found', () => {
    expect(found({ requests: requests('c1', ['reserve', 'pay']) })).toEqual(['done']);
  });

  test('of a call that was told not_started is found', () => {
    const reported = { reported: 'not_started', code: 'worker_lost' } as const;
    expect(found({ attempts: [attempt(reported)], requests: requests('c1', ['reserve']) })).toEqual(['notStarted']);
  });

  test('of a call that was refused is found', () => {
    const sent = requests('c1', ['reserve']);
    const attempts = [attempt({ reported: 'refused', code: '401' })];
    expect(found({ attempts, requests: sent, rows: [] })).toEqual(['notStarted']);
  });

  test('after the outcome is found, but one that was under way is not', () => {
    const attempts = [attempt({ reported: 'unknown', endedAt: at(500) })];
    expect(found({ attempts, requests: requests('c1', ['reserve'], 700) })).toEqual([]);
    expect(found({ attempts, requests: requests('c1', ['reserve'], 3_500) })).toEqual(['nothingAfter']);
  });

  test('after the outcome is found although the link to the upstream was slow, once that is over', () => {
    const attempts = [attempt({ reported: 'unknown', endedAt: at(500) })];
    const injections = [injection({ to: at(1_000), upstreamDelayMs: 1_400 })];
    expect(found({ attempts, injections, requests: requests('c1', ['reserve'], 2_000) })).toEqual([]);
    expect(found({ attempts, injections, requests: requests('c1', ['reserve'], 4_000) })).toEqual(['nothingAfter']);
  });

  test('after the outcome is not found if the upstream may have been so late to read it', () => {
    const attempts = [attempt({ reported: 'unknown', endedAt: at(500) })];
    const lateBy = (lateMs: number) => requests('c1', ['reserve'], 1_000).map((each) => ({ ...each, lateMs }));
    expect(found({ attempts, requests: lateBy(250) })).toEqual([]);
    expect(found({ attempts, requests: lateBy(150) })).toEqual(['nothingAfter']);
  });

  test('long after its client has cancelled is found', () => {
    const attempts = [attempt({ reported: 'left', endedAt: at(100) })];
    expect(found({ attempts, requests: requests('c1', ['reserve'], 200) })).toEqual([]);
    expect(found({ attempts, requests: requests('c1', ['reserve'], 3_500) })).toEqual(['nothingAfter']);
  });

  test('with a key that was revoked long before is found', () => {
    expect(found({ attempts: [attempt({ revokedAt: at(-4_000) })] })).toEqual([]);
    expect(found({ attempts: [attempt({ revokedAt: at(-6_000) })] })).toEqual(['revoked']);
  });
});

describe('an outcome', () => {
  const late = { reported: 'unknown', endedAt: at(9_600) } as const;

  test('that is late is found, unless its edge was frozen until then', () => {
    expect(found({ attempts: [attempt(late)] })).toEqual(['inTime']);
    expect(found({ attempts: [attempt(late)], processEvents: [frozen('edge 1', at(10), at(9_500))] })).toEqual([]);
    expect(found({ attempts: [attempt(late)], processEvents: [frozen('edge 2', at(10), at(9_500))] })).toEqual([
      'inTime',
    ]);
  });

  test('of a call that was sent to a frozen edge is due by its deadline after that woke', () => {
    const processEvents = [frozen('edge 1', at(-1_000), at(6_000))];
    expect(found({ attempts: [attempt({ ...late, endedAt: at(14_900) })], processEvents })).toEqual([]);
    expect(found({ attempts: [attempt({ ...late, endedAt: at(15_500) })], processEvents })).toEqual(['inTime']);
  });

  test('that nobody was told is found, unless its edge ended', () => {
    const attempts = [attempt({ reported: 'lost', code: 'ECONNRESET' })];
    expect(found({ attempts })).toEqual(['inTime']);
    expect(found({ attempts, processEvents: [killed('edge 1', at(790), at(3_000))] })).toEqual([]);
    expect(found({ attempts, processEvents: [frozen('edge 1', at(-10), at(790))] })).toEqual([]);
    expect(found({ attempts, processEvents: [frozen('edge 1', at(500), at(790))] })).toEqual(['inTime']);
  });

  test('with the answer to another call is found', () => {
    expect(found({ attempts: [attempt({ answeredCall: 'c2' })] })).toEqual(['ownAnswer']);
  });
});

describe('a row of the call log', () => {
  test('that is missing is found, unless its edge was killed before it could write it', () => {
    expect(found({ rows: [] })).toEqual(['oneRow']);
    expect(found({ rows: [], processEvents: [killed('edge 1', at(1_500), at(4_000))] })).toEqual([]);
    expect(found({ rows: [], processEvents: [killed('edge 1', at(6_000), at(9_000))] })).toEqual(['oneRow']);
    expect(found({ rows: [], processEvents: [killed('edge 2', at(1_500), at(4_000))] })).toEqual(['oneRow']);
  });

  test('of the second before its edge lost Redis may be missing if the edge then stops', () => {
    const processEvents: ProcessEvent[] = [{ process: 'edge 1', what: 'stopped', from: at(2_500), to: at(9_000) }];
    const cutFrom = (from: number) => [
      injection({ faults: ['link edge to Redis: cut', 'edge: SIGTERM'], from: at(from), to: at(9_000) }),
    ];
    expect(found({ rows: [], processEvents, injections: cutFrom(2_000) })).toEqual([]);
    expect(found({ rows: [], processEvents, injections: cutFrom(5_000) })).toEqual(['oneRow']);
  });

  test('that is there twice is found', () => {
    const row = { client: 'c1', outcome: 'done' };
    expect(found({ rows: [row, row] })).toEqual(['oneRow']);
  });

  test('that says something else than its client was told is found', () => {
    expect(found({ rows: [{ client: 'c1', outcome: 'unknown' }] })).toEqual(['oneRow']);
    const task = { attempts: [attempt({ tool: 'report' })], requests: requests('c1', tools.report.steps) };
    expect(found({ ...task, rows: [{ client: 'c1', outcome: 'unknown' }] })).toEqual([]);
    expect(found({ ...task, rows: [{ client: 'c1', outcome: 'not_started' }] })).toEqual(['oneRow']);
  });

  test('is expected of a refused call with an idempotency key, and of none that got an earlier result', () => {
    const refused = attempt({ id: 'c1.0', isKeyed: true, reported: 'not_started', code: 'queue_unavailable' });
    expect(found({ attempts: [refused], rows: [] })).toEqual(['oneRow']);
    const attempts = [
      attempt({ id: 'c1.0', isKeyed: true }),
      attempt({ id: 'c1.1', isKeyed: true, isReplayed: true, sentAt: at(1_000), endedAt: at(1_010) }),
    ];
    expect(found({ attempts, rows: [{ client: 'c1.0', outcome: 'done' }] })).toEqual([]);
  });
});

test('a platform that is healthy late, or not at all, is found', () => {
  expect(found({ injections: [injection({ recoveredMs: 5_100 })] })).toEqual(['healthy']);
  expect(found({ injections: [injection({ recoveredMs: undefined })] })).toEqual(['healthy']);
  expect(found({ injections: [injection({ recoveredMs: 5_100, lagMs: 400 })] })).toEqual([]);
});

test('a process that does not end when it is told to stop is found', () => {
  const hung: ProcessEvent = { process: 'data plane 1', what: 'hung', from: at(100), to: at(30_100) };
  expect(found({ processEvents: [hung] })).toEqual(['stops']);
});

test('what cannot be read at the end is found, and is not taken for something that is missing', () => {
  const { rows: _, ...others } = journals({ unread: ['the call log: ECONNREFUSED'] });
  expect(check(others).map(({ invariant }) => invariant)).toEqual(['healthy']);
});

test('memory or keys beyond what is allowed are found', () => {
  const level = { what: 'keys', before: 10, after: 31, allowed: 30, unit: '' };
  expect(found({ levels: [level] })).toEqual(['leftBehind']);
});

test('a Redis that lost everything excuses a second run of a key and the rows that were in it, and nothing else', () => {
  const processEvents: ProcessEvent[] = [{ process: 'Redis', what: 'emptied', from: at(900), to: at(1_900) }];
  const attempts = [
    attempt({ id: 'c1.0', isKeyed: true, reported: 'unknown', code: 'queue_restarted', endedAt: at(890) }),
    attempt({ id: 'c1.1', isKeyed: true, sentAt: at(2_000), endedAt: at(2_900) }),
  ];
  const sent = [...requests('c1', ['reserve']), ...requests('c1', undefined, 2_020)];
  const rows = [{ client: 'c1.1', outcome: 'done' }];
  expect(found({ attempts, requests: sent, rows, processEvents })).toEqual([]);
  const plain = attempts.map((each) => ({ ...each, isKeyed: false }));
  expect(found({ attempts: plain, requests: sent, rows, processEvents })).toContain('once');
});

test('a Redis that lost everything excuses the rows that a control plane without a processor had not taken', () => {
  const processEvents: ProcessEvent[] = [{ process: 'Redis', what: 'emptied', from: at(7_000), to: at(8_000) }];
  const injected = (rowsLagMs: number) => [injection({ from: at(6_900), to: at(8_000), rowsLagMs })];
  expect(found({ rows: [], processEvents, injections: injected(2_500) })).toEqual([]);
  expect(found({ rows: [], processEvents, injections: injected(1_500) })).toEqual(['oneRow']);
});

test('every invariant has been broken by one of these tests', () => {
  expect([...everFound].toSorted()).toEqual(Object.keys(invariants).toSorted());
});
