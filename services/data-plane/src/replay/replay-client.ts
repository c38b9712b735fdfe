/*
 * Stands where the one outbound client stands, and opens nothing: what a request gets is what the recording has for its
 * place. The time that it took then is spent by the clock of the replay.
 */
import type { Json, RecordedAnswer, Recording } from '@toolplane/contracts';
import type { HttpClient, RequestPlace } from '../egress/http-client.ts';
import { UpstreamError } from '../egress/upstream-error.ts';
import type { RecordedAnswers } from './recorded-answers.ts';
import type { ReplayClock } from './replay-clock.ts';

export type RecordedExchange = { answers: RecordedAnswers; clock: ReplayClock; outcome: Recording['outcome'] };

/** What external servers answer that have to be asked again. */
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
    async send({ place, signal }) {
      if (place === undefined) throw outOfPlace();
      const { response, isLast } = await answerFromRecording(exchange, place, signal);
      const { status, headers, body } = response;
      if (status === 401 && !isLast) renewSecrets();
      return { status, headers, body: toBytes(body, headers['content-type']), isElsewhere: false };
    },
    openLanes: () => 0,
    open: () => Promise.reject(outOfPlace()),
    close: () => {},
  };
}

/** Throws what the request got then in place of an answer. */
export async function answerFromRecording(
  { answers, clock, outcome }: RecordedExchange,
  place: RequestPlace,
  signal: AbortSignal,
): Promise<Answered> {
  const { answer, isLast } = answers.take(place);
  await clock.spend(answer.duration_ms);
  signal.throwIfAborted();
  const { response, error } = answer;
  if (response === undefined) throw toUpstreamError(error, outcome, isLast ? undefined : SERVED_ELSEWHERE);
  return { response, isLast };
}

/** Of one that was not sent, nothing can be unknown; what was sent and is not answered made the whole call so. */
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

/** Whatever a replay has no place for was made for it: it asks for no token and opens no stream. */
function outOfPlace(): UpstreamError {
  return new UpstreamError('internal', 'A replay tried to send a request of its own');
}

/** As an upstream would have written it: what was no JSON was kept as the text that it was. */
function toBytes(body: Json | undefined, contentType: string | undefined): Buffer {
  if (body === undefined) return Buffer.alloc(0);
  const isJson = contentType === undefined || /[/+]json\b/i.test(contentType);
  return Buffer.from(typeof body === 'string' && !isJson ? body : JSON.stringify(body));
}
