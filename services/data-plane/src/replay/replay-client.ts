/*
 * Replaces the one outbound client and opens no connections: a request receives the recorded response for its position.
 * The duration that was recorded for it then passes on the clock of the replay.
 */
import type { Json, RecordedAnswer, Recording } from '@toolplane/contracts';
import type { HttpClient, RequestPosition } from '../egress/http-client.ts';
import { UpstreamError } from '../egress/upstream-error.ts';
import type { RecordedAnswers } from './recorded-answers.ts';
import type { ReplayClock } from './replay-clock.ts';

export type RecordedExchange = { answers: RecordedAnswers; clock: ReplayClock; outcome: Recording['outcome'] };

/** A status of external servers that means that another request is required. */
const SERVED_ELSEWHERE = 404;

type Answered = { response: NonNullable<RecordedAnswer['response']>; isLast: boolean };

export function createReplayClient({
  responseBytesMax,
  renewSecrets,
  ...exchange
}: RecordedExchange & {
  responseBytesMax: number;
  /** Called after a response that made the recorded run use other credentials. */
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
    pausedCount: () => 0,
    open: () => Promise.reject(withoutPosition()),
    close: () => {},
  };
}

/** Throws the recorded error if the request had no response. */
export async function answerFromRecording(
  { answers, clock, outcome }: RecordedExchange,
  position: RequestPosition,
  signal: AbortSignal,
): Promise<Answered> {
  const { answer, isLast } = answers.next(position);
  await clock.advance(answer.duration_ms);
  signal.throwIfAborted();
  const { response, error } = answer;
  if (response === undefined) throw toUpstreamError(error, outcome, isLast ? undefined : SERVED_ELSEWHERE);
  return { response, isLast };
}

/**
 * A request that was not sent cannot have an unknown outcome; a request that was sent and not answered made the outcome
 * of the whole call unknown.
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

/** A request without a position cannot be in the recording: a replay requests no token and opens no stream. */
function withoutPosition(): UpstreamError {
  return new UpstreamError('internal', 'A replay tried to send a request of its own');
}

/** Writes a body like the upstream wrote it: a body that was not JSON was stored as a text. */
function toBytes(body: Json | undefined, contentType: string | undefined): Buffer {
  if (body === undefined) return Buffer.alloc(0);
  const isJson = contentType === undefined || /[/+]json\b/i.test(contentType);
  return Buffer.from(typeof body === 'string' && !isJson ? body : JSON.stringify(body));
}
