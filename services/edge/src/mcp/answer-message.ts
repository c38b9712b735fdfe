import type { IncomingHttpHeaders } from 'node:http';
import { toAppError } from '@toolplane/contracts';
import type { Edge } from '../edge.ts';
import { toRecord } from '../protocol/json-record.ts';
import { McpError, rpcCodes } from '../protocol/mcp-error.ts';
import { PROTOCOL_VERSION_WITHOUT_HEADER } from '../protocol/protocol.ts';
import type { ReplyChannel } from '../protocol/reply.ts';
import { idOf, REQUEST_ID_LENGTH_MAX } from '../protocol/request-id.ts';
import { errorText, statusOf } from '../protocol/rpc-text.ts';
import { CLIENT_REQUEST_ID_LENGTH } from '../sessions/client-requests.ts';
import { agreedVersion } from '../sessions/sessions.ts';
import { answerRequest } from './answer-request.ts';
import type { MessageContext } from './message-context.ts';
import { type Message, readMessage } from './read-message.ts';

const BATCH_LENGTH_MAX = 20;

/**
 * Answers one parsed body, whatever it contains. Reports everything that is wrong with it to the client, by the rules
 * of the client's protocol version.
 */
export async function answerMessage(
  edge: Edge,
  context: MessageContext,
  body: unknown,
  reply: ReplyChannel,
): Promise<void> {
  return Array.isArray(body) ? answerBatch(edge, context, body, reply) : answerOne(edge, context, body, reply);
}

async function answerOne(edge: Edge, context: MessageContext, body: unknown, reply: ReplyChannel): Promise<void> {
  const message = readOrRefuse(body, context.headers);
  if ('refusal' in message) return reply.answer(message.status, message.refusal);
  if (message.kind === 'request') return answerRequest(edge, context, message, reply);
  const session = message.kind === 'response' || message.era === 'legacy' ? context.live?.session : undefined;
  if (session !== undefined) await forwardMessage(edge, session.id, message);
  reply.accept();
}

/** Returns the message, or the refusal of a body that is not a valid message. */
export function readOrRefuse(
  body: unknown,
  headers: IncomingHttpHeaders,
): Message | { status: number; refusal: string } {
  try {
    return readMessage(body, headers);
  } catch (thrown) {
    if (!(thrown instanceof McpError)) throw thrown;
    return { status: statusOf(thrown, 'modern'), refusal: errorText(idOf(body), thrown) };
  }
}

/** Broadcasts a message, because the edge that waits for it may be another one. */
async function forwardMessage(
  { store }: Pick<Edge, 'store'>,
  sessionId: string,
  message: Exclude<Message, { kind: 'request' }>,
): Promise<void> {
  if (message.kind === 'response') {
    const { id } = message.message as { id?: unknown };
    if (typeof id === 'string' && id.length === CLIENT_REQUEST_ID_LENGTH) {
      await store.broadcast({ kind: 'response', sessionId, id, message: message.message });
    }
    return;
  }
  const { requestId } = message.params;
  const isId =
    (typeof requestId === 'string' && requestId.length <= REQUEST_ID_LENGTH_MAX) || typeof requestId === 'number';
  if (message.method === 'notifications/cancelled' && isId) {
    await store.broadcast({ kind: 'cancelled', sessionId, requestId });
  }
}

/** Answers a batch. Batches were part of JSON-RPC only in MCP 2025-03-26. */
async function answerBatch(edge: Edge, context: MessageContext, bodies: unknown[], reply: ReplyChannel): Promise<void> {
  const { live, headers } = context;
  const stated = headers['mcp-protocol-version'] ?? PROTOCOL_VERSION_WITHOUT_HEADER;
  const version = live === undefined ? stated : agreedVersion(live);
  const problem =
    version !== PROTOCOL_VERSION_WITHOUT_HEADER
      ? 'this protocol version does not support batches'
      : bodies.length === 0 || bodies.length > BATCH_LENGTH_MAX
        ? `a batch must have 1 to ${BATCH_LENGTH_MAX} messages`
        : undefined;
  if (problem !== undefined) {
    const error = new McpError(rpcCodes.invalidRequest, `Invalid request: ${problem}`);
    return reply.answer(400, errorText(null, error));
  }
  const answers: string[] = [];
  const partOf: ReplyChannel = {
    send: undefined,
    gone: reply.gone,
    mustAnswer: true,
    answer: (_status, text) => void answers.push(text.toString()),
    accept: () => {},
  };
  await Promise.all(
    bodies.map((body) =>
      answerPart(edge, context, body, partOf).catch((thrown: unknown) => {
        const { message } = toAppError(thrown);
        answers.push(errorText(idOf(body), new McpError(rpcCodes.internalError, message)));
      }),
    ),
  );
  if (answers.length === 0) reply.accept();
  else reply.answer(200, `[${answers.join(',')}]`);
}

/**
 * Answers a message of a batch. `initialize` has to be sent alone, because the agreed version must be known before
 * anything else is sent.
 */
async function answerPart(edge: Edge, context: MessageContext, body: unknown, reply: ReplyChannel): Promise<void> {
  if (toRecord(body)['method'] !== 'initialize') return answerOne(edge, context, body, reply);
  const error = new McpError(rpcCodes.invalidRequest, 'Invalid request: initialize cannot be part of a batch');
  reply.answer(400, errorText(idOf(body), error));
}
