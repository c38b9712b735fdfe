/*
 * A recording is one debugged call as a file: its inputs, the answer to each of its requests, and its outcome.
 * Replaying it requires neither an upstream nor a secret, so a recording is also a test. Secrets are masked in it, and
 * people may edit it.
 */
import { z } from 'zod';
import { callOutcomeSchema } from './call-outcome.ts';
import { debugCallerKindSchema } from './caller-kind.ts';
import { type DebugCallEvent, type DebugValue, debugErrorSchema } from './debug-event.ts';
import { assembleTrace, exchangeSchema, flowRunSchema, toExchange } from './debug-trace.ts';
import type { ErrorCode } from './error-codes.ts';
import { jsonObjectSchema, jsonSchema } from './json.ts';

export const RECORDING_FORMAT = 'toolplane-recording';

export const recordingLimits = {
  /** The size as JSON, which is limited by what a request of the REST API may contain. */
  bytesMax: 2 * 1024 * 1024,
  answersMax: 1000,
} as const;

/** The answer to a request, or why there was none. The answers of a step are in the order of its requests. */
export const recordedAnswerSchema = z.strictObject({
  /** The path to the step: the steps that led there, each followed by a `/`, and the step itself. */
  step: z.string().min(1).max(4096),
  attempt: z.int().min(1),
  /** The index of the request within the try: pages, and requests sent again with other credentials. Absent: 0. */
  index: z.int().min(0).optional(),
  ...exchangeSchema.shape,
  duration_ms: z.number().min(0).max(86_400_000).default(0),
  /** Absent if no request was made. */
  request: exchangeSchema.shape.request.optional(),
});
export type RecordedAnswer = z.infer<typeof recordedAnswerSchema>;

export const recordingSchema = z.strictObject({
  format: z.literal(RECORDING_FORMAT),
  version: z.literal(1),
  tool: z.string().min(1).max(512),
  /** The digest of the plan that ran. */
  plan_digest: z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hex'),
  recorded_at: z.iso.datetime(),
  caller: debugCallerKindSchema.default('key'),
  inputs: jsonObjectSchema,
  answers: z.array(recordedAnswerSchema).max(recordingLimits.answersMax),
  outcome: callOutcomeSchema,
  outputs: jsonSchema.optional(),
  error: debugErrorSchema.optional(),
  /** Which of `inputs` and `outputs` are not complete. */
  cut: z.array(z.string().max(64)).max(8).optional(),
  /** If absent, the replay does not compare actions. */
  trace: flowRunSchema.optional(),
});
export type Recording = z.infer<typeof recordingSchema>;

/**
 * Makes a recording from the events of one call. Returns undefined while it runs, and if its first or last event is
 * lost.
 */
export function toRecording(events: readonly DebugCallEvent[]): Recording | undefined {
  const sorted = events.toSorted((one, other) => one.seq - other.seq);
  const begin = sorted.find((event) => event.kind === 'call');
  const end = sorted.find((event) => event.kind === 'end');
  if (begin === undefined || end === undefined) return undefined;
  const cut = [...(isPart(begin.inputs) ? ['inputs'] : []), ...(isPart(end.outputs) ? ['outputs'] : [])];
  const trace = assembleTrace(sorted);
  const inputs = jsonObjectSchema.safeParse(begin.inputs.value);
  return {
    format: RECORDING_FORMAT,
    version: 1,
    tool: begin.tool,
    plan_digest: begin.plan_digest,
    recorded_at: new Date(begin.at).toISOString(),
    caller: begin.caller,
    inputs: inputs.success ? inputs.data : {},
    answers: listAnswers(sorted),
    outcome: end.outcome,
    ...(end.outputs?.value === undefined ? {} : { outputs: end.outputs.value }),
    ...(end.error === undefined ? {} : { error: end.error }),
    ...(cut.length === 0 ? {} : { cut }),
    ...(trace === undefined ? {} : { trace }),
  };
}

function isPart(value: DebugValue | undefined): boolean {
  return value?.is_cut === true || value?.is_binary === true;
}

function listAnswers(sorted: readonly DebugCallEvent[]): RecordedAnswer[] {
  const answers: RecordedAnswer[] = [];
  /** Steps that have events of the current try: a request, or a called workflow. */
  const reported = new Set<string>();
  for (const event of sorted) {
    if (event.kind !== 'exchange' && event.kind !== 'step') continue;
    const { path, step_id, attempt, duration_ms, error } = event;
    for (const caller of callersOf(path)) reported.add(caller);
    const step = path + step_id;
    if (event.kind === 'exchange') {
      reported.add(step);
      const place = { step, attempt, ...(event.index === 0 ? {} : { index: event.index }) };
      answers.push({ ...place, ...toExchange(event) });
    } else if (!reported.delete(step) && error !== undefined && fromOutside.has(error.code)) {
      answers.push({ step, attempt, duration_ms, error });
    }
  }
  return answers;
}

/** For instance `a/b/` → `a`, `a/b`. */
function callersOf(path: string): string[] {
  return Array.from(path.matchAll(/\//g), ({ index }) => path.slice(0, index));
}

/** Reasons for which a try made no request, and which do not follow from the plan or from the inputs. */
const fromOutside: ReadonlySet<ErrorCode> = new Set([
  ...(['rate_limited', 'upstream_busy', 'upstream_paused', 'upstream_timeout', 'upstream_unreachable'] as const),
  ...(['upstream_bad_response', 'egress_denied', 'secret_missing', 'secret_unavailable'] as const),
  ...(['secret_host_denied', 'credentials_missing', 'credentials_refused', 'external_sign_in_needed'] as const),
]);
