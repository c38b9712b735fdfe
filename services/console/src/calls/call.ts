import type { State } from '../parts/state.ts';

export type Outcome = 'done' | 'not_started' | 'unknown' | 'input_required';

/** `Call` of the API: a call that has ended. */
export type Call = {
  id: string;
  startedAt: string;
  durationMs: number;
  serverId: string;
  /** The server to which the tool belongs, if it is not `serverId`. */
  originId?: string;
  tool: string;
  kind: string;
  outcome: string;
  code?: string;
  source: string;
  protocolVersion: string;
  caller: { kind: string; id?: string; agentId?: string; username?: string };
  queueMs?: number;
  executionMs?: number;
  /** The part of the execution that was spent on upstreams. */
  upstreamMs?: number;
  requestBytes?: number;
  responseBytes?: number;
  client?: { name: string; version?: string };
  analytics?: Record<string, string | number | boolean | null>;
  traceId?: string;
  traceUrl?: string;
};

/** What a person has to know about each outcome before they act on it. */
export const OUTCOMES: Record<Outcome, State & { meaning: string }> = {
  done: { label: 'Done', meaning: 'It ran to completion. Its result may say that something went wrong.', tone: 'good' },
  not_started: { label: 'Not started', meaning: 'Nothing was sent: safe to repeat.', tone: 'idle' },
  unknown: {
    label: 'Unknown',
    meaning: 'Something may have been sent: check before you repeat it, unless the tool only reads.',
    tone: 'bad',
  },
  input_required: {
    label: 'Input required',
    meaning: 'It asked a question; the request with the answers is a separate call.',
    tone: 'neutral',
  },
};
