import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { FetchLike, Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { clientInfo, openV2 } from './mcp-clients.ts';

/** A client that listens for changes of the list of tools. */
export type ToolWatcher = AsyncDisposable & {
  /** Resolves with the next `tools/list_changed`, or at once if one arrived that nobody has waited for. */
  nextChange(): Promise<void>;
  /** Resolves when the server ends the stream that the client listens to. */
  ended: Promise<void>;
};

export type WatchTools = (url: string, apiKey: string) => Promise<ToolWatcher>;

/** Watches with the v1 SDK, on the stream of its session. */
export const watchLegacy: WatchTools = async (url, apiKey) => {
  const streaming = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const watched: FetchLike = async (input, init) => {
    const response = await fetch(input, init);
    if (init?.method === 'POST') return response;
    streaming.resolve();
    return notingEnd(response, ended.resolve);
  };
  const requestInit = { headers: { 'x-api-key': apiKey } };
  const client = new LegacyClient(clientInfo);
  const changes = countChanges();
  client.setNotificationHandler(ToolListChangedNotificationSchema, changes.count);
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit, fetch: watched }) as Transport);
  await streaming.promise;
  return { nextChange: changes.next, ended: ended.promise, [Symbol.asyncDispose]: () => client.close() };
};

/** Watches with the v2 SDK and `subscriptions/listen`. */
export const watchModern: WatchTools = async (url, apiKey) => {
  const client = await openV2(url, apiKey, { pin: '2026-07-28' });
  const changes = countChanges();
  client.setNotificationHandler('notifications/tools/list_changed', changes.count);
  const subscription = await client.listen({ toolsListChanged: true });
  return {
    nextChange: changes.next,
    ended: subscription.closed.then(() => {}),
    [Symbol.asyncDispose]: () => client.close(),
  };
};

function countChanges() {
  let seen = 0;
  let arrival = Promise.withResolvers<void>();
  return {
    count() {
      seen += 1;
      arrival.resolve();
    },
    async next() {
      while (seen === 0) await arrival.promise;
      seen = 0;
      arrival = Promise.withResolvers();
    },
  };
}

function notingEnd(response: Response, onEnd: () => void): Response {
  const passing = new TransformStream<Uint8Array, Uint8Array>({ flush: onEnd });
  return new Response(response.body?.pipeThrough(passing) ?? null, response);
}
