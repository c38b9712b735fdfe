/*
 * What a campaign writes down. All times are milliseconds of the machine's monotonic clock, which every process reads
 * alike. The checker gets these journals and the call log, and nothing else.
 */
import type { ToolName } from './tools.ts';

/** As the upstream saw it, by `call` and step, whatever the platform says. */
export type UpstreamRequest = {
  call: string;
  step: string;
  at: number;
  wallMs: number;
  /** How much earlier it may have arrived, because the upstream itself waited for a processor. */
  lateMs: number;
};

/**
 * How an attempt ended for its client. `done`: the tool's answer; `failed`: `done` with an error in it. `refused`: by
 * HTTP or JSON-RPC, before it was accepted. `lost`: the connection broke before an answer. `unreached`: nobody listened.
 * `left`: the client cancelled it and did not wait.
 */
export type Told = 'done' | 'failed' | 'not_started' | 'unknown' | 'refused' | 'lost' | 'unreached' | 'left';

/** One request of a client for a tool, and for a task its polls. */
export type Attempt = {
  /** The client's name in the call log. */
  id: string;
  /** What the upstream is sent. Attempts with the same idempotency key have the same call. */
  call: string;
  tool: ToolName;
  era: 'modern' | 'legacy';
  /** Name of the process. */
  edge: string;
  isKeyed: boolean;
  sentAt: number;
  endedAt: number;
  told: Told;
  code?: string;
  /** For a person who reads it as evidence. */
  message?: string;
  /** The result of an earlier attempt with the same key. */
  isReplayed?: true;
  /** What the outputs carry: must be `call`. */
  answeredCall?: string;
  /** Since when its API key is revoked. */
  revokedAt?: number;
  /** By how much it may have been late because clients and services waited for a processor. */
  lagMs: number;
};

/** What was done to a process, as far as it excuses an attempt. */
export type ProcessEvent = {
  process: string;
  /** `killed` and `stopped` last until it is ready again. `emptied`: Redis lost what it held. */
  what: 'frozen' | 'killed' | 'stopped' | 'emptied';
  from: number;
  to: number;
};

/** One injection of a fault, or of two at once. */
export type Injection = {
  faults: readonly string[];
  from: number;
  /** When the last of its faults had ended. */
  to: number;
  /** How long it took from then until everything worked, or undefined if it did not within the time allowed. */
  recoveredMs: number | undefined;
  /** How much of that the machine is to blame for. */
  lagMs: number;
  /** By how much the control plane may have been late to take rows of the call log before and during it. */
  rowsLagMs: number;
  /** How much later requests of the platform may reach the upstream. */
  upstreamDelayMs: number;
  notes: readonly string[];
};

/** Of the call log, by the name of its client. */
export type LogRow = { client: string; outcome: string };

/** What a process or Redis has before and after everything. */
export type Level = { what: string; before: number; after: number; allowed: number; unit: string };

export type Journals = {
  attempts: readonly Attempt[];
  requests: readonly UpstreamRequest[];
  /** Absent where they could not be read. */
  rows?: readonly LogRow[];
  /** What could not be read at the end, because what it is read from did not come back, and why. */
  unread: readonly string[];
  injections: readonly Injection[];
  processEvents: readonly ProcessEvent[];
  levels: readonly Level[];
  /** When the load began. */
  startedAt: number;
};
