import { Client, LOG_LEVEL_META_KEY, ProtocolError } from '@modelcontextprotocol/client';
import { AppError, capabilitiesFor, isJsonObject, type JsonObject, type LogLevel } from '@toolplane/contracts';
import { z } from 'zod';
import type { HttpClient } from '../egress/http-client.ts';
import { inTime } from '../egress/in-time.ts';
import { UpstreamError } from '../egress/upstream-error.ts';
import { type Channel, type ConnectionState, createChannel } from './channel.ts';
import { NotAcceptedError, RefusedError, toExternalError, tooLate, withChallenge } from './external-error.ts';
import type { ExternalRequest } from './external-request.ts';
import type { ExternalTarget } from './external-target.ts';
import { answerQuestions, noCaller } from './server-questions.ts';

/** The only information that servers receive about the platform; they receive none about the caller. */
const clientInfo = { name: 'toolplane', version: '1' };
const MODERN_VERSION = '2026-07-28';
/** The time limit for reporting a cancelled call and the end of a session, for which nothing waits. */
const CLOSING_MS_MAX = 2000;
/**
 * The time limit for opening the stream on which a server asks questions if it does not ask them on the stream of the
 * call.
 */
const LISTENING_MS_MAX = 1000;

/**
 * A client of one external server. It serves one request at a time, so that everything that the server sends in the
 * meantime belongs to that request; a connection that has failed serves no other request.
 */
export type ExternalConnection = {
  readonly client: Client;
  readonly era: 'modern' | 'legacy';
  readonly isBroken: boolean;
  /**
   * True if the server recognises this connection, by the id of a session or because a stream stays open: the server
   * may keep state of the caller, and what it sends on the stream is for that caller.
   */
  readonly hasSession: boolean;
  /**
   * Throws `UpstreamError` for network failures, errors of the server and the time limit; any other `AppError` means
   * that the server has done nothing.
   */
  request(request: ExternalRequest): Promise<JsonObject>;
  /** Also ends the session. Never throws. */
  close(): Promise<void>;
};

type Parts = { client: Client; channel: Channel; state: ConnectionState };
type Limits = { timeoutMs: number; signal: AbortSignal };

/** Performs as much of the handshake as the server needs; if the era is known, modern servers need none. */
export async function openConnection(
  http: HttpClient,
  target: ExternalTarget,
  limits: Limits,
): Promise<ExternalConnection> {
  const state: ConnectionState = { isBroken: false, isAwaiting: false, isCalled: false, request: undefined };
  const channel = createChannel(http, target, state);
  const client = createClient(target, state);
  const parts = { client, channel, state };
  try {
    const options = { timeout: limits.timeoutMs, ...priorOf(target) };
    await awaitResponse(parts, () => client.connect(channel.transport, options), limits);
  } catch (thrown) {
    void close(parts);
    throw thrown;
  }
  const era = client.getProtocolEra() ?? 'legacy';
  const mayListen = era === 'legacy' && target.abilities.length > 0;
  if (mayListen && target.transport !== 'sse') {
    const { signal } = limits;
    await inTime(channel.wire.listening, { timeoutMs: LISTENING_MS_MAX, signal }).catch(() => {});
  }
  let logLevel: LogLevel | undefined;

  return {
    client,
    era,
    get isBroken() {
      return state.isBroken;
    },
    hasSession: mayListen || target.transport === 'sse' || channel.transport.sessionId !== undefined,
    async request(request) {
      state.request = request;
      const { log, timeoutMs, signal } = request;
      const isNewLevel = log !== undefined && era === 'legacy' && log.level !== logLevel;
      try {
        // A legacy server is notified once for all later requests.
        if (isNewLevel && client.getServerCapabilities()?.logging) {
          const report = () => client.setLoggingLevel(log.level, { timeout: timeoutMs });
          await prepare(parts, report, { timeoutMs, signal });
          logLevel = log.level;
        }
        return await call(parts, era, request);
      } finally {
        state.request = undefined;
      }
    },
    close: () => close(parts),
  };
}

function createClient({ abilities }: ExternalTarget, state: ConnectionState): Client {
  const client = new Client(clientInfo, {
    versionNegotiation: { mode: 'auto' },
    inputRequired: { autoFulfill: false },
    capabilities: capabilitiesFor(abilities),
  });
  answerQuestions(client, abilities, (request, withdrawn) => {
    // Between calls, nobody can be asked.
    if (state.request?.onQuestion === undefined) throw noCaller();
    return state.request.onQuestion(request, withdrawn);
  });
  client.setNotificationHandler('notifications/message', ({ params }) => state.request?.log?.onMessage(params));
  client.setNotificationHandler('notifications/elicitation/complete', ({ params }) =>
    state.request?.onElicitationComplete?.(params.elicitationId),
  );
  return client;
}

/** Sends the request that does the work. */
async function call(parts: Parts, era: ExternalConnection['era'], request: ExternalRequest): Promise<JsonObject> {
  const { client, channel, state } = parts;
  const { method, params, headers = {}, timeoutMs, signal, log, onProgress } = request;
  const stop = new AbortController();
  const send = () => {
    const meta = {
      ...(log !== undefined && era === 'modern' ? { [LOG_LEVEL_META_KEY]: log.level } : {}),
      ...(onProgress === undefined ? {} : { progressToken: channel.wire.requestNumber }),
    };
    return client.request({ method, params: withMeta(params, meta) }, resultSchema, {
      // The time limit of the platform ends first.
      timeout: timeoutMs + CLOSING_MS_MAX,
      signal: stop.signal,
      allowInputRequired: true,
      headers,
    });
  };
  state.isCalled = true;
  try {
    return (await awaitResponse(parts, send, { timeoutMs, signal, method })) as JsonObject;
  } catch (thrown) {
    // Reporting the cancellation has its own time limit.
    channel.wire.startRequest(CLOSING_MS_MAX);
    stop.abort(thrown instanceof AppError ? thrown.message : 'failed');
    throw thrown;
  } finally {
    state.isCalled = false;
  }
}

/** Failures that the wire reports take precedence over the errors that the protocol's client makes of them. */
async function awaitResponse<Result>(
  { client, channel, state }: Parts,
  work: () => Promise<Result>,
  limits: Limits & { method?: string },
): Promise<Result> {
  const { wire } = channel;
  state.isAwaiting = true;
  wire.startRequest(limits.timeoutMs);
  try {
    return await inTime(Promise.race([work(), channel.broken]), limits, tooLate);
  } catch (thrown) {
    state.isBroken ||= !(thrown instanceof ProtocolError);
    const own = thrown instanceof ProtocolError ? undefined : wire.failure;
    const error =
      own ?? toExternalError(thrown, { ...channel.sent, method: limits.method, era: client.getProtocolEra() });
    throw wire.challenge === undefined ? error : withChallenge(error, wire.challenge);
  } finally {
    state.isAwaiting = false;
  }
}

/**
 * Runs a preparation for the request that does the work, which has not been sent if the preparation fails. A server may
 * refuse the preparation.
 */
async function prepare(parts: Parts, work: () => Promise<unknown>, limits: Limits): Promise<void> {
  try {
    await awaitResponse(parts, work, limits);
  } catch (thrown) {
    if (!parts.state.isBroken || !(thrown instanceof AppError)) return;
    if (thrown instanceof RefusedError) throw thrown;
    const notSent = new UpstreamError(thrown.code, thrown.message, { status: statusOf(thrown) });
    throw thrown instanceof NotAcceptedError ? new NotAcceptedError(notSent) : notSent;
  }
}

async function close({ client, channel, state }: Parts): Promise<void> {
  state.isBroken = true;
  channel.wire.startRequest(CLOSING_MS_MAX);
  await inTime(channel.endSession(), { timeoutMs: CLOSING_MS_MAX, signal: NEVER }).catch(() => {});
  await client.close().catch(() => {});
}

const NEVER = new AbortController().signal;

const statusOf = (error: AppError) => (error instanceof UpstreamError ? error.status : undefined);

/** `readResult` checks the rest. */
const resultSchema = z.looseObject({});

function priorOf({ era }: ExternalTarget) {
  if (era === undefined) return {};
  if (era === 'legacy') return { prior: { kind: 'legacy' as const } };
  const discover = { supportedVersions: [MODERN_VERSION], capabilities: {}, ttlMs: 0, cacheScope: 'private' as const };
  return { prior: { kind: 'modern' as const, discover } };
}

function withMeta(params: JsonObject, meta: JsonObject): JsonObject {
  const given = params['_meta'];
  if (Object.keys(meta).length === 0) return params;
  return { ...params, _meta: { ...(isJsonObject(given) ? given : {}), ...meta } };
}
