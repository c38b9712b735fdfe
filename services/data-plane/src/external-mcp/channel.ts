import { SSEClientTransport, StreamableHTTPClientTransport, type Transport } from '@modelcontextprotocol/client';
import type { HttpClient } from '../egress/http-client.ts';
import { UpstreamError } from '../egress/upstream-error.ts';
import { type ExternalRequest, progressSchema } from './external-request.ts';
import type { ExternalTarget } from './external-target.ts';
import { brokenOff, createWire, type Wire } from './wire.ts';

/** The state of a connection, on which one request is in progress at a time. */
export type ConnectionState = {
  isBroken: boolean;
  /** True while a response is awaited: to a request, or to the messages before it. */
  isAwaiting: boolean;
  /** True if the awaited response is that to a request, so that the end of its stream is the end of the response. */
  isCalled: boolean;
  /** The callbacks of this request receive the server's messages; between requests, nobody does. */
  request: ExternalRequest | undefined;
};

/** The transport of the protocol's client, with information about messages that the client does not expose. */
export type Channel = {
  readonly wire: Wire;
  readonly transport: Transport;
  /** Rejects when the response that is awaited has broken off. */
  readonly broken: Promise<never>;
  /**
   * The last request as it was sent. It is needed because the client forgets a session as soon as the session is
   * refused.
   */
  readonly sent: { id: string | number; hasSession: boolean } | undefined;
  /** Ends the session at the server, after notifying the server of a cancelled call. */
  endSession(): Promise<void>;
};

export function createChannel(http: HttpClient, target: ExternalTarget, state: ConnectionState): Channel {
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => {});
  let sent: Channel['sent'];
  let cancellation: Promise<unknown> = Promise.resolve();

  /** Data that was read before the end may contain the response, and is processed in this event-loop turn. */
  const fail = (error: UpstreamError, sentIn: number) => {
    setImmediate(() => {
      const isLate = sentIn !== wire.requestNumber || !state.isAwaiting;
      if (isLate && target.transport !== 'sse') return;
      state.isBroken = true;
      broken.reject(error);
    });
  };
  const wire = createWire(http, target, fail);
  const transport = createTransport(target, wire.fetch);
  // The protocol's client drops progress that arrives together with the response, as it does over HTTP+SSE.
  transport.onmessage = (message) => {
    if (!('method' in message) || message.method !== 'notifications/progress') return;
    const { data } = progressSchema.safeParse(message.params);
    if (data?.progressToken === wire.requestNumber) state.request?.onProgress?.(data);
  };
  const send = transport.send.bind(transport);
  transport.send = (message, options) => {
    const { requestNumber } = wire;
    const isRequest = 'method' in message && 'id' in message;
    if (isRequest) sent = { id: message.id, hasSession: transport.sessionId !== undefined };
    const onRequestStreamEnd = () => state.isCalled && isRequest && fail(brokenOff(), requestNumber);
    const sending = send(message, { ...options, onRequestStreamEnd });
    const onSent = () => state.isCalled && isRequest && !wire.isStreamed && fail(notAnswered(), requestNumber);
    if (target.transport !== 'sse') sending.then(onSent, () => {});
    if ('method' in message && message.method === 'notifications/cancelled') cancellation = sending.catch(() => {});
    return sending;
  };

  return {
    wire,
    transport,
    broken: broken.promise,
    get sent() {
      return sent;
    },
    async endSession() {
      await cancellation;
      if (transport instanceof StreamableHTTPClientTransport) await transport.terminateSession();
    },
  };
}

/** The response is complete, but it does not belong to the request. */
function notAnswered(): UpstreamError {
  return new UpstreamError('external_server_failed', 'The answer of the external server does not match the request', {
    isSent: true,
  });
}

function createTransport({ url, transport }: ExternalTarget, fetch: Wire['fetch']): Transport {
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
