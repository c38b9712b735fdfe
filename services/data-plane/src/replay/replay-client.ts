/*
 * Replaces the one outbound client and opens nothing: a request gets what the recording has for its position. The time
 * that it took then passes on the clock of the replay.
 */
import type { Json, RecordedAnswer, Recording } from '@toolplane/contracts';
import type { HttpClient, RequestPosition } from '../egress/http-client.ts';
import { UpstreamError } from '../egress/upstream-error.ts';
import type { RecordedAnswers } from './recorded-answers.ts';
import type { ReplayClock } from './replay-clock.ts';

export type RecordedExchange = { answers: RecordedAnswers; clock: ReplayClock; outcome: Recording['outcome'] };

/** Answers of external servers that require another request. */
const SERVED_ELSEWHERE = 404;

type Answered = { response: NonNullable<RecordedAnswer['response']>; isLast: boolean };

export function createReplayClient({
  responseBytesMax,
  renewSecrets,
  ...exchange
}: RecordedExchange & {
  responseBytesMax: number;
  /** After an answer that led to other credentials. */
  renewSecrets(): void;
}): HttpClient {
  return {
    responseBytesMax,
    async send({ position, signal }) {
      if (position === undefined) throw withoutPosition();
      const { response, isLast } = await answerFromRecording(exchange, position, signal);
      const { status, headers, body } = response;
      if (status === 401 && !isLast) renewSecrets();
      return { status, headers, body: toBytes(body, headers['content-type']), isElsewhere: false };
    },
    openLanes: () => 0,
    open: () => Promise.reject(withoutPosition()),
    close: () => {},
  };
}

/** Throws the recorded error that the request got instead of an answer. */
export async function answerFromRecording(
  { answers, clock, outcome }: RecordedExchange,
  position: RequestPosition,
  signal: AbortSignal,
): Promise<Answered> {
  const { answer, isLast } = answers.take(position);
  await clock.spend(answer.duration_ms);
  signal.throwIfAborted();
  const { response, error } = answer;
  if (response === undefined) throw toUpstreamError(error, outcome, isLast ? undefined : SERVED_ELSEWHERE);
  return { response, isLast };
}

/**
 * For a request that was not sent, nothing can be unknown; one that was sent and not answered made the whole call
 * unknown.
 */
function toUpstreamError(
  error: RecordedAnswer['error'],
  outcome: Recording['outcome'],
  status: number | undefined,
): UpstreamError {
  const { code, message } = error ?? { code: 'upstream_bad_response', message: 'There was no answer' };
  const isSent = ofWire.has(code) && outcome !== 'not_started';
  return new UpstreamError(code, message, { isSent, isAnswered: isSent && outcome !== 'unknown', status });
}

const ofWire: ReadonlySet<string> = new Set([
  'upstream_unreachable',
  'upstream_timeout',
  'upstream_bad_response',
  'response_too_large',
  'redirect_refused',
  'deadline_exceeded',
  'cancelled',
  'external_server_failed',
  'external_server_unavailable',
]);

/** A request without a position in the replay would be new: a replay requests no token and opens no stream. */
function withoutPosition(): UpstreamError {
  return new UpstreamError('internal', 'A replay tried to send a request of its own');
}

/** As an upstream would have written it: a body that was not JSON was stored as the text that it was. */
function toBytes(body: Json | undefined, contentType: string | undefined): Buffer {
  if (body === undefined) return Buffer.alloc(0);
  const isJson = contentType === undefined || /[/+]json\b/i.test(contentType);
  return Buffer.from(typeof body === 'string' && !isJson ? body : JSON.stringify(body));
}
