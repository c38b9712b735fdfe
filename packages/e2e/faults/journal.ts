/*
 * What a campaign records. All times are milliseconds of the machine's monotonic clock, which is the same in every
 * process. The checker gets these journals, including the call log, and nothing else.
 */
import type { ToolName } from './tools.ts';

/** A request as the upstream saw it, identified by `call` and step, whatever the platform reports. */
export type ReceivedRequest = {
  call: string;
  step: string;
  at: number;
  wallMs: number;
  /** How much earlier the request may have arrived, because the upstream itself waited for a processor. */
  lateMs: number;
};

/**
 * How an attempt ended for its client. `done`: the tool's answer; `failed`: `done` with an error in it. `refused`:
 * rejected by HTTP or JSON-RPC before it was accepted. `lost`: the connection broke before an answer. `unreached`:
 * nobody listened. `left`: the client cancelled the call and did not wait.
 */
export type ClientOutcome = 'done' | 'failed' | 'not_started' | 'unknown' | 'refused' | 'lost' | 'unreached' | 'left';

/** One request of a client for a tool; for a task, with its polls. */
export type ClientAttempt = {
  /** The client's name in the call log. */
  id: string;
  /** The value that the upstream receives. Attempts with the same idempotency key have the same call. */
  call: string;
  tool: ToolName;
  era: 'modern' | 'legacy';
  /** The name of the edge's process. */
  edge: string;
  isKeyed: boolean;
  sentAt: number;
  endedAt: number;
  reported: ClientOutcome;
  code?: string;
  /** A message for people who read the evidence. */
  message?: string;
  /** Whether the result is that of an earlier attempt with the same key. */
  isReplayed?: true;
  /** The call that the outputs name: must be `call`. */
  answeredCall?: string;
  /** When its API key was revoked, if this was before the attempt. */
  revokedAt?: number;
  /** How late the attempt may have been because clients and services waited for a processor. */
  lagMs: number;
};

/** What was done to a process, as far as it excuses an attempt. */
export type ProcessEvent = {
  process: string;
  /**
   * `killed` and `stopped` last until the process is ready again. `emptied`: Redis lost its data. `hung`: the process
   * did not end when it was told to stop, and was killed.
   */
  what: 'frozen' | 'killed' | 'stopped' | 'emptied' | 'hung';
  from: number;
  to: number;
};

/** One injection of a fault, or of two faults at once. */
export type FaultInjection = {
  faults: readonly string[];
  from: number;
  /** The time at which the last of its faults had ended. */
  to: number;
  /** Milliseconds from then until everything worked, or undefined if it did not within the time allowed. */
  recoveredMs: number | undefined;
  /** How much of that was caused by the machine. */
  lagMs: number;
  /** How late the control plane may have been to read rows of the call log before and during the injection. */
  rowsLagMs: number;
  /** How much later requests of the platform may reach the upstream. */
  upstreamDelayMs: number;
  notes: readonly string[];
};

/** A row of the call log, identified by the name of its client. */
export type LogRow = { client: string; outcome: string };

/** A quantity of a process or of Redis, such as memory or keys, before and after the campaign. */
export type Level = { what: string; before: number; after: number; allowed: number; unit: string };

export type Journals = {
  attempts: readonly ClientAttempt[];
  requests: readonly ReceivedRequest[];
  /** The rows of the call log; absent if they could not be read. */
  rows?: readonly LogRow[];
  /** What could not be read at the end, because its source did not recover, and why. */
  unread: readonly string[];
  injections: readonly FaultInjection[];
  processEvents: readonly ProcessEvent[];
  levels: readonly Level[];
  /** The time at which the load began. */
  startedAt: number;
};
