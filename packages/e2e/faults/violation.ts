/** The invariants that a campaign checks. The values are texts for people. */
export const invariants = {
  inTime: 'every call has one outcome by its deadline + 1 s',
  done: '`done`: exactly the requests of the tool were sent',
  notStarted: '`not_started`: nothing was sent',
  once: 'no step of a call is sent twice',
  nothingAfter: 'nothing is sent after the outcome',
  oneKey: 'calls with the same idempotency key send once',
  ownAnswer: 'a call gets its own answer',
  revoked: 'a revoked key calls nothing',
  oneRow: 'every ended call is once in the call log, as it was told',
  stops: 'a process that is told to stop ends within 30 s',
  healthy: 'everything works 5 s after the last fault has ended',
  leftBehind: 'memory and keys are back where they were',
} as const;

export type InvariantViolation = {
  invariant: keyof typeof invariants;
  /** Monotonic times, by which the injection is found that it belongs to. */
  from: number;
  to: number;
  what: string;
  evidence: readonly string[];
};
