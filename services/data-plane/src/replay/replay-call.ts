/*
 * Runs a recorded call again on the same executor, with its recorded responses instead of upstreams. A replay opens no
 * socket, reads no secret and stores nothing; the same recording and the same plan give the same replay.
 */
import { INVALID_SPAN_CONTEXT, trace as tracing } from '@opentelemetry/api';
import {
  AppError,
  appendPointer,
  assembleTrace,
  type DebugCallEvent,
  type Difference,
  type Json,
  type JsonObject,
  type Outcome,
  planLimits,
  type Recording,
  type Replay,
  type ReplayRequest,
  toRecording,
} from '@toolplane/contracts';
import { digestOf } from '@toolplane/sealing';
import { EVERY_HOST } from '../egress/host-pattern.ts';
import { type PreparedPlan, preparePlan } from '../execution/prepare-plan.ts';
import type { PlanCall, RunServices } from '../execution/run.ts';
import { runPlan } from '../execution/run-plan.ts';
import { MASKED } from '../traces/mask.ts';
import { createRunTrace } from '../traces/run-trace.ts';
import { compareRuns } from './compare-runs.ts';
import type { Diverged } from './diverged.ts';
import { callerOf, createPlaceholders, newText, noLinks } from './placeholders.ts';
import { createRecordedAnswers } from './recorded-answers.ts';
import { createReplayClient } from './replay-client.ts';
import { createReplayClock } from './replay-clock.ts';
import { createReplayedServers } from './replayed-servers.ts';

/** The limit in real time, whatever time the recording covers. */
const REPLAY_MS_MAX = 10_000;
const DIFFERENCES_MAX = 100;
const CALL_ID = 'replay';

export async function replayCall(
  { plan, recording }: ReplayRequest,
  signal: AbortSignal,
  onInternalError: RunServices['onInternalError'],
): Promise<Replay> {
  const isConnected = plan.connection !== undefined;
  // The host of a connection depends on fields that are no longer known, so every host is allowed.
  const prepared = preparePlan(isConnected ? { ...plan, allowedHosts: EVERY_HOST } : plan);
  const events: DebugCallEvent[] = [];
  const limit = AbortSignal.timeout(REPLAY_MS_MAX);
  const { call, services, divergence } = prepareReplay(prepared, recording, {
    planDigest: digestOf(plan as Json),
    signal: AbortSignal.any([signal, limit]),
    onInternalError,
    events,
  });
  const outcome = await runPlan(prepared, call, services);
  call.trace?.end(outcome);
  if (limit.aborted) throw new AppError('deadline_exceeded', `The replay took longer than ${REPLAY_MS_MAX / 1000} s`);
  return toReplay(recording, { events, outcome, diverged: divergence() });
}

type Replaying = {
  planDigest: string;
  signal: AbortSignal;
  onInternalError: RunServices['onInternalError'];
  events: DebugCallEvent[];
};

function prepareReplay(
  prepared: PreparedPlan,
  recording: Recording,
  { planDigest, signal, onInternalError, events }: Replaying,
): { call: PlanCall; services: RunServices; divergence(): Diverged | undefined } {
  const clock = createReplayClock(Date.parse(recording.recorded_at));
  const { renew, ...placeholders } = createPlaceholders(prepared);
  let diverged: Diverged | undefined;
  const answers = createRecordedAnswers(recording, (it) => {
    diverged ??= it;
    return it;
  });
  const { inputs, hidden } = fillMasked(recording.inputs);
  const trace = createRunTrace({
    callId: CALL_ID,
    planDigest,
    caller: recording.caller,
    hiddenInputs: hidden,
    keeps: false,
    report: (event) => {
      if (event.kind !== 'lost') events.push(event);
    },
  });
  const exchange = { answers, clock, outcome: recording.outcome };
  const client = createReplayClient({
    ...exchange,
    renewSecrets: renew,
    responseBytesMax: planLimits.responseBytesMax,
  });
  return {
    divergence: () => diverged,
    services: {
      ...placeholders,
      client,
      clock,
      onInternalError,
      links: noLinks(),
      externalServers: createReplayedServers(exchange),
      rateLimits: { take: async () => 0 },
    },
    call: {
      callId: CALL_ID,
      arguments: inputs,
      caller: callerOf(prepared, recording),
      signal,
      trace,
      report: { upstreamMs: 0, upstreamRequests: 0 },
      deadline: Number.MAX_SAFE_INTEGER,
      notify: () => {},
      ask: () => Promise.reject(new AppError('input_declined', 'A replay asks nobody')),
      leaveSlot: () => {},
      // Nothing of a replay is traced, because it sends nothing.
      span: tracing.wrapSpanContext(INVALID_SPAN_CONTEXT),
    },
  };
}

/** Inserts new values for masked ones, which are masked again later. `hidden` contains their positions. */
function fillMasked(recorded: JsonObject): { inputs: JsonObject; hidden: string[] } {
  const hidden: string[] = [];
  const fill = (value: Json, pointer: string): Json => {
    if (value === MASKED) {
      hidden.push(pointer);
      return newText();
    }
    if (Array.isArray(value)) return value.map((item, index) => fill(item, appendPointer(pointer, index)));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, fill(member, appendPointer(pointer, name))]),
    );
  };
  return { inputs: fill(recorded, '') as JsonObject, hidden };
}

function toReplay(
  recording: Recording,
  { events, outcome, diverged }: { events: DebugCallEvent[]; outcome: Outcome; diverged: Diverged | undefined },
): Replay {
  const replayed = toRecording(events);
  const trace = assembleTrace(events);
  if (replayed === undefined || trace === undefined)
    throw new AppError('internal', 'A replay has not reported anything');
  const differences: Difference[] = compareRuns(recording, replayed, diverged);
  const leftOut = differences.length - DIFFERENCES_MAX;
  return {
    matches: differences.length === 0,
    outcome: diverged === undefined ? outcome.outcome : 'diverged',
    ...(replayed.outputs === undefined ? {} : { outputs: replayed.outputs }),
    ...(diverged !== undefined || replayed.error === undefined ? {} : { error: replayed.error }),
    trace,
    differences: differences.slice(0, DIFFERENCES_MAX),
    ...(leftOut > 0 ? { differences_left_out: leftOut } : {}),
  };
}
