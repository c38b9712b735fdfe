import { AppError, logLevelSchema, toAppError } from '@toolplane/contracts';
import { toChallenge } from '../callers/challenge.ts';
import { InsufficientScope } from '../callers/scopes.ts';
import type { Client, McpRequest } from '../calls/mcp-request.ts';
import type { Edge } from '../edge.ts';
import { logRequestFailed } from '../events.ts';
import type { HostedServer } from '../manifests/hosted-server.ts';
import { invalidParams, McpError, rpcCodes } from '../protocol/mcp-error.ts';
import { metaKeys } from '../protocol/protocol.ts';
import type { ReplyChannel } from '../protocol/reply.ts';
import { errorText, notificationText, resultText, statusOf, toMcpError } from '../protocol/rpc-text.ts';
import { agreedVersion } from '../sessions/sessions.ts';
import { readClient } from './client-capabilities.ts';
import type { HandleMethod } from './handle.ts';
import type { MessageContext } from './message-context.ts';
import { methods } from './methods.ts';
import type { Message } from './read-message.ts';

type RequestMessage = Extract<Message, { kind: 'request' }>;

/** Methods that exist only if the server has what they refer to (capabilities must be truthful). */
const neededCapabilities: readonly [prefix: string, capability: string][] = [
  ['prompts/', 'prompts'],
  ['resources/', 'resources'],
  ['completion/', 'completions'],
];

/** Answers one request of either era. `handle` answers it instead of its method. */
export async function answerRequest(
  edge: Edge,
  context: MessageContext,
  message: RequestMessage,
  reply: ReplyChannel,
  handle?: HandleMethod,
): Promise<void> {
  const { era, id } = message;
  const cancelled = new AbortController();
  const stopListening = listenForCancel(edge, context, message, reply, cancelled);
  try {
    const answer = handle ?? findMethod(context, message);
    const result = await answer(toRequest(edge, context, message, reply, cancelled.signal), edge);
    // A cancelled request gets no answer (MCP, cancellation).
    if (cancelled.signal.aborted && (reply.gone.aborted || !reply.mustAnswer)) return;
    const headers = 'prepared' in result ? undefined : result.headers;
    reply.answer(200, resultText(era, id, result, context.server), headers);
  } catch (thrown) {
    if (!(thrown instanceof McpError) && toAppError(thrown).code === 'internal') {
      logRequestFailed(edge.logger, toAppError(thrown));
    }
    const error = toMcpError(thrown);
    reply.answer(statusOf(error, era), errorText(id, error), await challengeOf(edge, context.server, thrown));
  } finally {
    stopListening();
  }
}

async function challengeOf(edge: Pick<Edge, 'publicUrl' | 'snapshot'>, { manifest }: HostedServer, thrown: unknown) {
  if (!(thrown instanceof InsufficientScope)) return undefined;
  const challenge = await toChallenge(edge, thrown, { idOrSlug: manifest.serverId, hasToken: true });
  return challenge === undefined ? undefined : { 'www-authenticate': challenge };
}

function findMethod({ server }: MessageContext, { era, method }: RequestMessage) {
  const handle = methods[era].get(method);
  const needed = neededCapabilities.find(([prefix]) => method.startsWith(prefix))?.[1];
  const isServed = needed === undefined || Object.hasOwn(server.lists.capabilities[era], needed);
  if (handle === undefined || !isServed) throw new McpError(rpcCodes.methodNotFound, 'Method not found');
  return handle;
}

/**
 * Modern clients cancel by closing the response. For legacy clients, a closed connection explicitly means nothing; they
 * send `notifications/cancelled`. `initialize` cannot be cancelled.
 */
function listenForCancel(
  { runningRequests }: Pick<Edge, 'runningRequests'>,
  { live }: MessageContext,
  { era, id, method }: RequestMessage,
  reply: ReplyChannel,
  cancelled: AbortController,
): () => void {
  const cancel = () => cancelled.abort(new AppError('cancelled', 'The client cancelled the request'));
  if (era === 'legacy') {
    return live === undefined || method === 'initialize' ? () => {} : runningRequests.add(live.session.id, id, cancel);
  }
  if (reply.gone.aborted) cancel();
  reply.gone.addEventListener('abort', cancel, { once: true });
  return () => reply.gone.removeEventListener('abort', cancel);
}

function toRequest(
  { clientRequests }: Pick<Edge, 'clientRequests'>,
  { server, principal, headers, live }: MessageContext,
  message: RequestMessage,
  reply: ReplyChannel,
  signal: AbortSignal,
): McpRequest {
  const { era, meta } = message;
  const { send } = reply;
  const session = era === 'legacy' ? live?.session : undefined;
  return {
    ...message,
    server,
    principal,
    headers,
    session,
    signal,
    protocolVersion: era === 'legacy' && live !== undefined ? agreedVersion(live) : message.protocolVersion,
    client: era === 'modern' ? readClient(meta[metaKeys.clientCapabilities]) : toLegacyClient(live),
    logLevel: era === 'modern' ? readLogLevel(meta[metaKeys.logLevel]) : live?.state.logLevel,
    notify: send && ((method, params) => send(notificationText(method, params))),
    ask:
      session === undefined || send === undefined
        ? undefined
        : (request, boundedWait) => {
            const { id, answer } = clientRequests.add(session.id, boundedWait);
            send(JSON.stringify({ jsonrpc: '2.0', id, ...request }));
            // Nobody waits for the answer any more, so the person need not give it.
            const withdraw = () => send(notificationText('notifications/cancelled', { requestId: id }));
            boundedWait.addEventListener('abort', withdraw, { once: true });
            return answer.finally(() => boundedWait.removeEventListener('abort', withdraw));
          },
  };
}

function toLegacyClient(live: MessageContext['live']): Client {
  const abilities = live?.state.abilities ?? live?.session.abilities ?? [];
  return { abilities: new Set(abilities) as Client['abilities'], knowsTasks: false };
}

function readLogLevel(value: unknown) {
  if (value === undefined) return undefined;
  const level = logLevelSchema.safeParse(value);
  if (!level.success) throw invalidParams('The log level is not one that MCP defines');
  return level.data;
}
