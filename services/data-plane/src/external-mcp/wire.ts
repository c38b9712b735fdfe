import type { FetchLike } from '@modelcontextprotocol/client';
import { AppError } from '@toolplane/contracts';
import type { HttpClient } from '../egress/http-client.ts';
import type { OpenAnswer } from '../egress/open-answer.ts';
import { UpstreamError } from '../egress/upstream-error.ts';
import { NotAcceptedError, statusError } from './external-error.ts';
import type { ExternalTarget } from './external-target.ts';
import { createEventBudget, limitEvents } from './limit-events.ts';

/** An HTTP+SSE stream outlives the calls whose responses it carries, but not forever. */
const STREAM_MS_MAX = 15 * 60_000;
/** Other headers are of no use to the client, or would make it decide what this process has to decide. */
const PASSED_HEADERS = ['content-type', 'mcp-session-id', 'location'] as const;

export type Wire = {
  fetch: FetchLike;
  /**
   * Counts the requests of the protocol, which run one after the other, so that the end of an earlier response does not
   * end a later one.
   */
  readonly requestNumber: number;
  /** Begins the next request, with new limits of time and bytes for everything that is sent from now on. */
  startRequest(timeoutMs: number): void;
  /** True if the response to the last request is a stream, which ends later than the request that opened it. */
  readonly isStreamed: boolean;
  /** Resolves when a server that may ask questions has opened its stream for them, or has said that it has none. */
  readonly listening: Promise<void>;
  /**
   * The reason why the current request got no response; clients of the protocol wrap it in their own errors.
   */
  readonly failure: UpstreamError | undefined;
  /** The value of `WWW-Authenticate` if the server has refused the current request. */
  readonly challenge: string | undefined;
};

/**
 * The connection of an MCP client to its server: the one outbound client of the data plane, restricted to the origin of
 * the server. `onBroken` receives the error that ended a response that had begun, because the client of the protocol
 * keeps only the text of the error.
 */
export function createWire(
  http: HttpClient,
  { workspaceId, url, transport, headers: configured, abilities }: ExternalTarget,
  onBroken: (error: UpstreamError, requestNumber: number) => void,
): Wire {
  const { origin } = new URL(url);
  const eventBytesMax = http.responseBytesMax;
  let budget = createEventBudget(eventBytesMax);
  let endsAt = 0;
  let requestNumber = 0;
  let isStreamOpen = false;
  let isStreamed = false;
  let failure: UpstreamError | undefined;
  let challenge: string | undefined;

  const listening = Promise.withResolvers<void>();
  const mayAsk = abilities.length > 0;

  /** Reads a stream of messages that the server sends on its own; its end does not end a response. */
  async function* listen(answer: OpenAnswer): AsyncGenerator<Buffer, void> {
    try {
      yield* limitEvents(answer.body, eventBytesMax, () => budget);
    } finally {
      answer.close();
    }
  }

  async function* read(answer: OpenAnswer, isHeldOpen: boolean, sentIn: number): AsyncGenerator<Buffer, void> {
    try {
      if (isEventStream(answer)) yield* limitEvents(answer.body, eventBytesMax, () => budget);
      else yield* limitBytes(answer.body, eventBytesMax);
      if (isHeldOpen) throw brokenOff();
    } catch (thrown) {
      const error = thrown instanceof UpstreamError ? thrown : asBroken(thrown);
      onBroken(error, sentIn);
      throw error;
    } finally {
      answer.close();
    }
  }

  return {
    get requestNumber() {
      return requestNumber;
    },
    get isStreamed() {
      return isStreamed;
    },
    listening: listening.promise,
    get failure() {
      return failure;
    },
    get challenge() {
      return challenge;
    },
    startRequest(timeoutMs) {
      failure = undefined;
      challenge = undefined;
      requestNumber += 1;
      budget = createEventBudget(eventBytesMax);
      endsAt = performance.now() + timeoutMs;
    },
    fetch: async (input, init = {}) => {
      const sentIn = requestNumber;
      const target = new URL(input);
      if (target.origin !== origin) throw new UpstreamError('redirect_refused', 'The server points to another origin');
      const sent = Object.fromEntries(new Headers(init.headers as Record<string, string>));
      const method = toMethod(init.method);
      const isHeldOpen = method === 'GET' && transport === 'sse';
      const isOwnStream = method === 'GET' && transport !== 'sse' && sent['last-event-id'] === undefined;
      // The only messages of its own that are read from a server are questions: its lists are checked again from time
      // to time.
      if (isOwnStream && !mayAsk) return refuse();
      // The client would open the stream again, at a server that does not know the requests that were sent with the old
      // stream.
      if (isHeldOpen && isStreamOpen) throw brokenOff();
      isStreamOpen ||= isHeldOpen;
      const body = typeof init.body === 'string' ? init.body : undefined;
      const isAnswer = mayAsk && body !== undefined && !Object.hasOwn(JSON.parse(body), 'method');
      const ownLimits = isHeldOpen || isOwnStream ? 'held open' : isAnswer ? 'answers' : undefined;
      const answer = await http
        .open({
          workspaceId,
          url: target,
          method,
          ownLimits,
          // Headers of the protocol take precedence.
          headers: { ...configured, ...sent },
          ...(body === undefined ? {} : { body }),
          responseBytesMax: Number.POSITIVE_INFINITY,
          timeoutMs: isHeldOpen || isOwnStream ? STREAM_MS_MAX : Math.max(endsAt - performance.now(), 1),
          signal: init.signal ?? NEVER,
        })
        .catch((error: UpstreamError) => {
          if (!isOwnStream) failure = error;
          throw error;
        })
        .finally(() => isOwnStream && listening.resolve());
      if (method === 'POST' && !isAnswer) isStreamed = isEventStream(answer);
      const isRefusal = answer.status === 401 || answer.status === 403;
      if (isRefusal && !isOwnStream) challenge = answer.headers['www-authenticate'];
      // The client of this transport would keep only the text of the error.
      if (transport === 'sse' && answer.status >= 300) {
        answer.close();
        failure = refusalOf(method, answer.status);
        throw failure;
      }
      return toResponse(answer, isOwnStream ? listen(answer) : read(answer, isHeldOpen, sentIn));
    },
  };
}

const NEVER = new AbortController().signal;

/**
 * With HTTP+SSE, the response to a message comes through the stream, so a server that refuses a message with 404 or 400
 * has not accepted it.
 */
function refusalOf(method: string, status: number): UpstreamError {
  const error = statusError(status);
  return method === 'POST' && (status === 404 || status === 400) ? new NotAcceptedError(error) : error;
}

function isEventStream({ headers }: OpenAnswer): boolean {
  return headers['content-type']?.toLowerCase().includes('text/event-stream') ?? false;
}

function toMethod(method = 'GET'): 'GET' | 'POST' | 'DELETE' {
  return method === 'POST' || method === 'DELETE' ? method : 'GET';
}

/** Responds that the server has no such stream, which every client accepts. */
function refuse(): Response {
  return new Response(null, { status: 405 });
}

function toResponse({ status, headers, close }: OpenAnswer, body: AsyncGenerator<Buffer, void>): Response {
  const passed = PASSED_HEADERS.flatMap((name) => {
    const value = headers[name];
    return value === undefined || Array.isArray(value) ? [] : [[name, value] as [string, string]];
  });
  if (status < 200 || status > 599) {
    close();
    throw new UpstreamError('upstream_bad_response', 'The answer of the upstream is not valid HTTP', { isSent: true });
  }
  const isEmpty = status === 204 || status === 205 || status === 304;
  if (isEmpty) close();
  return new Response(isEmpty ? null : toStream(body, close), { status, headers: passed });
}

/** Reads the next chunk only when everything read before has been processed. */
function toStream(body: AsyncGenerator<Buffer, void>, close: () => void): ReadableStream {
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await body.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        // A body that nobody has begun to read would not end on its own.
        close();
        await body.return();
      },
    },
    { highWaterMark: 0 },
  );
}

async function* limitBytes(body: AsyncIterable<Buffer>, bytesMax: number): AsyncGenerator<Buffer, void> {
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > bytesMax) {
      throw new AppError('response_too_large', `The answer of the upstream has more than ${bytesMax} bytes`);
    }
    yield chunk;
  }
}

function asBroken(thrown: unknown): UpstreamError {
  if (!(thrown instanceof AppError)) return brokenOff();
  return new UpstreamError(thrown.code, thrown.message, { isSent: true });
}

export function brokenOff(): UpstreamError {
  return new UpstreamError('upstream_bad_response', 'The external server broke off before it had answered', {
    isSent: true,
  });
}
