import {
  Client,
  LOG_LEVEL_META_KEY,
  ProtocolError,
  SSEClientTransport,
  StreamableHTTPClientTransport,
  type Transport,
} from '@modelcontextprotocol/client';
import { AppError, capabilitiesFor, type JsonObject, type LogLevel } from '@toolplane/contracts';
import { z } from 'zod';
import type { HttpClient, RequestPlace } from '../egress/http-client.ts';
import { inTime } from '../egress/in-time.ts';
import { UpstreamError } from '../egress/upstream-error.ts';
import { NotTakenError, RefusedError, toExternalError, tooLate, withChallenge } from './external-error.ts';
import type { ExternalTarget } from './external-target.ts';
import { type AnswerQuestion, answerQuestions, nobodyThere } from './server-questions.ts';
import { brokenOff, createWire } from './wire.ts';

/** What servers are told about us; nothing about the caller. */
const clientInfo = { name: 'toolplane', version: '1' };
const MODERN_VERSION = '2026-07-28';
/** The time for reporting a cancelled call and the end of a session, which nothing waits for. */
const FAREWELL_MS_MAX = 2000;
/** The time for the stream on which a server asks if it does not ask on the stream of the call. */
const LISTENING_MS_MAX = 1000;

const progressSchema = z.object({
  // Some servers return a number as text.
  progressToken: z.coerce.number().int(),
  progress: z.number(),
  total: z.number().optional(),
  message: z.string().optional(),
});

export type ExternalRequest = {
  method: string;
  params: JsonObject;
  /** Only for modern servers. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** For a client that stands in for servers. */
  place?: RequestPlace | undefined;
  timeoutMs: number;
  signal: AbortSignal;
  onProgress?: ((progress: z.infer<typeof progressSchema>) => void) | undefined;
  /** Called with the least severe level that is wanted. */
  log?: { level: LogLevel; onMessage(params: LogMessage): void } | undefined;
  /** Answers what the server asks while it works; only for legacy servers that were told that they may ask. */
  onQuestion?: AnswerQuestion | undefined;
  /** A page to which the server has sent a person is done. */
  onElicitationComplete?: ((elicitationId: string) => void) | undefined;
};

export type LogMessage = { level: LogLevel; logger?: string | undefined; data?: unknown };

/**
 * A client of one external server. Serves one request at a time, so that whatever the server says in the meantime
 * belongs to that request; a connection that has failed serves no other request.
 */
export type ExternalConnection = {
  readonly client: Client;
  readonly era: 'modern' | 'legacy';
  readonly isBroken: boolean;
  /** The server knows this connection again, and may keep something of its callers with it. */
  readonly hasSession: boolean;
  /**
   * Throws `UpstreamError` for failures of the wire, for errors of the server and for the time limit; any other
   * `AppError` means that the server has done nothing.
   */
  request(request: ExternalRequest): Promise<JsonObject>;
  /** Also ends the session. Never throws. */
  close(): Promise<void>;
};

/** Performs the handshake as far as the server needs it; if the era is known, modern servers need none. */
export async function openConnection(
  http: HttpClient,
  target: ExternalTarget,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<ExternalConnection> {
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => {});
  let isBroken = false;
  let isAsked = false;
  /** Only one request is in progress at a time, so the end of its stream is the end of its answer. */
  let isCalled = false;
  /** The last request, as it was sent: the client forgets a session as soon as it is refused. */
  let sent: { id: string | number; hasSession: boolean } | undefined;
  let farewell: Promise<unknown> = Promise.resolve();
  let logLevel: LogLevel | undefined;
  let onProgress: ExternalRequest['onProgress'];
  let onLog: ((params: LogMessage) => void) | undefined;
  let onQuestion: AnswerQuestion | undefined;
  let onElicitationComplete: ExternalRequest['onElicitationComplete'];

  /** What was read before the end may hold the answer, and is processed in this turn of the event loop. */
  const fail = (error: UpstreamError, askedIn: number) => {
    setImmediate(() => {
      const isLate = askedIn !== wire.turn || !isAsked;
      if (isLate && target.transport !== 'sse') return;
      isBroken = true;
      broken.reject(error);
    });
  };
  const wire = createWire(http, target, fail);
  const transport = createTransport(target, wire.fetch);
  // The protocol's client drops progress that arrives together with the answer, as it does over HTTP+SSE.
  transport.onmessage = (message) => {
    if (!('method' in message) || message.method !== 'notifications/progress') return;
    const { data } = progressSchema.safeParse(message.params);
    if (data?.progressToken === wire.turn) onProgress?.(data);
  };
  const send = transport.send.bind(transport);
  transport.send = (message, options) => {
    const { turn } = wire;
    const isRequest = 'method' in message && 'id' in message;
    if (isRequest) sent = { id: message.id, hasSession: transport.sessionId !== undefined };
    const onRequestStreamEnd = () => isCalled && isRequest && fail(brokenOff(), turn);
    const sending = send(message, { ...options, onRequestStreamEnd });
    const onSent = () => isCalled && isRequest && !wire.isStreamed && fail(notAnswered(), turn);
    if (target.transport !== 'sse') sending.then(onSent, () => {});
    if ('method' in message && message.method === 'notifications/cancelled') farewell = sending.catch(() => {});
    return sending;
  };
  const client = new Client(clientInfo, {
    versionNegotiation: { mode: 'auto' },
    inputRequired: { autoFulfill: false },
    capabilities: capabilitiesFor(target.abilities),
  });
  answerQuestions(client, target.abilities, (request, withdrawn) => {
    // Between calls there is nobody to ask.
    if (onQuestion === undefined) throw nobodyThere();
    return onQuestion(request, withdrawn);
  });
  client.setNotificationHandler('notifications/message', ({ params }) => onLog?.(params));
  client.setNotificationHandler('notifications/elicitation/complete', ({ params }) =>
    onElicitationComplete?.(params.elicitationId),
  );

  async function close(): Promise<void> {
    isBroken = true;
    wire.renew(FAREWELL_MS_MAX);
    const goodbye = async () => {
      await farewell;
      if (transport instanceof StreamableHTTPClientTransport) await transport.terminateSession();
    };
    await inTime(goodbye(), { timeoutMs: FAREWELL_MS_MAX, signal: NEVER }).catch(() => {});
    await client.close().catch(() => {});
  }

  /** What the wire reports takes precedence over what the protocol's client makes of it. */
  async function ask<Result>(
    work: () => Promise<Result>,
    limits: { timeoutMs: number; signal: AbortSignal; method?: string },
  ): Promise<Result> {
    isAsked = true;
    wire.renew(limits.timeoutMs);
    try {
      return await inTime(Promise.race([work(), broken.promise]), limits, tooLate);
    } catch (thrown) {
      isBroken ||= !(thrown instanceof ProtocolError);
      const own = thrown instanceof ProtocolError ? undefined : wire.failure;
      const error = own ?? toExternalError(thrown, { ...sent, method: limits.method, era: client.getProtocolEra() });
      throw wire.challenge === undefined ? error : withChallenge(error, wire.challenge);
    } finally {
      isAsked = false;
    }
  }

  /** What happens before the request that counts: that request has not been sent then. A server may refuse it. */
  async function askFirst(...asked: Parameters<typeof ask>): Promise<void> {
    try {
      await ask(...asked);
    } catch (thrown) {
      if (!isBroken || !(thrown instanceof AppError)) return;
      if (thrown instanceof RefusedError) throw thrown;
      const notSent = new UpstreamError(thrown.code, thrown.message, { status: statusOf(thrown) });
      throw thrown instanceof NotTakenError ? new NotTakenError(notSent) : notSent;
    }
  }

  try {
    await ask(() => client.connect(transport, { timeout: timeoutMs, ...priorOf(target) }), { timeoutMs, signal });
  } catch (thrown) {
    void close();
    throw thrown;
  }
  const era = client.getProtocolEra() ?? 'legacy';
  if (era === 'legacy' && target.transport !== 'sse' && target.abilities.length > 0) {
    await inTime(wire.listening, { timeoutMs: LISTENING_MS_MAX, signal: NEVER }).catch(() => {});
  }

  return {
    client,
    era,
    get isBroken() {
      return isBroken;
    },
    hasSession: target.transport === 'sse' || transport.sessionId !== undefined,
    async request({ method, params, headers = {}, timeoutMs, signal, log, ...hearing }) {
      onLog = log?.onMessage;
      ({ onProgress, onQuestion, onElicitationComplete } = hearing);
      const limits = { timeoutMs, signal };
      // A legacy server is told once for all later requests.
      if (log !== undefined && era === 'legacy' && log.level !== logLevel && client.getServerCapabilities()?.logging) {
        await askFirst(() => client.setLoggingLevel(log.level, { timeout: timeoutMs }), limits);
        logLevel = log.level;
      }
      const stop = new AbortController();
      const call = () => {
        const meta = {
          ...(log !== undefined && era === 'modern' ? { [LOG_LEVEL_META_KEY]: log.level } : {}),
          ...(onProgress === undefined ? {} : { progressToken: wire.turn }),
        };
        return client.request({ method, params: withMeta(params, meta) }, resultSchema, {
          // Our time limit ends first.
          timeout: timeoutMs + FAREWELL_MS_MAX,
          signal: stop.signal,
          allowInputRequired: true,
          headers,
        });
      };
      isCalled = true;
      try {
        return (await ask(call, { ...limits, method })) as JsonObject;
      } catch (thrown) {
        // Reporting the cancellation has its own time limit.
        wire.renew(FAREWELL_MS_MAX);
        stop.abort(thrown instanceof AppError ? thrown.message : 'failed');
        throw thrown;
      } finally {
        isCalled = false;
        onLog = undefined;
        onProgress = undefined;
        onQuestion = undefined;
        onElicitationComplete = undefined;
      }
    },
    close,
  };
}

const NEVER = new AbortController().signal;

/** The answer is complete, but it does not belong to the request. */
function notAnswered(): UpstreamError {
  return new UpstreamError('external_server_failed', 'The answer of the external server does not match the request', {
    isSent: true,
  });
}

const statusOf = (error: AppError) => (error instanceof UpstreamError ? error.status : undefined);

/** The reader of the result checks the rest. */
const resultSchema = z.looseObject({});

function createTransport({ url, transport }: ExternalTarget, fetch: ReturnType<typeof createWire>['fetch']): Transport {
  if (transport === 'sse') return new SSEClientTransport(new URL(url), { fetch });
  return new StreamableHTTPClientTransport(new URL(url), {
    fetch,
    reconnectionOptions: {
      maxRetries: 2,
      initialReconnectionDelay: 500,
      maxReconnectionDelay: 5000,
      reconnectionDelayGrowFactor: 2,
    },
  });
}

function priorOf({ era }: ExternalTarget) {
  if (era === undefined) return {};
  if (era === 'legacy') return { prior: { kind: 'legacy' as const } };
  const discover = { supportedVersions: [MODERN_VERSION], capabilities: {}, ttlMs: 0, cacheScope: 'private' as const };
  return { prior: { kind: 'modern' as const, discover } };
}

function withMeta(params: JsonObject, meta: JsonObject): JsonObject {
  const given = params['_meta'];
  if (Object.keys(meta).length === 0) return params;
  return { ...params, _meta: { ...(typeof given === 'object' && given !== null ? given : {}), ...meta } };
}
