import type { ServerResponse } from 'node:http';

/** The interval of comments, which clients ignore: proxies close a connection that is silent for long. */
const KEEP_ALIVE_MS = 15_000;
/** A client that does not read loses its connection once more than this is buffered for it. */
const UNREAD_BYTES_MAX = 4 * 1024 * 1024;

/** Server-sent events (WHATWG HTML §9.2) on one HTTP response. */
export type EventStream = {
  /** Sends an event. `data` is one line, like JSON texts. */
  send(event: { data: string; id?: string; type?: string; retryMs?: number }): void;
  end(): void;
};

export function openEventStream(response: ServerResponse, headers: Record<string, string> = {}): EventStream {
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache, no-transform',
    // Tells nginx not to hold events back.
    'x-accel-buffering': 'no',
    ...headers,
  });
  response.flushHeaders();
  const timer = setInterval(() => response.write(':\n\n'), KEEP_ALIVE_MS);
  if (response.destroyed) clearInterval(timer);
  else response.once('close', () => clearInterval(timer));

  return {
    send({ data, id, type, retryMs }) {
      if (response.destroyed || response.writableEnded) return;
      const lines = [
        ...(id === undefined ? [] : [`id: ${id}`]),
        ...(type === undefined ? [] : [`event: ${type}`]),
        ...(retryMs === undefined ? [] : [`retry: ${retryMs}`]),
        `data: ${data}`,
      ];
      response.write(`${lines.join('\n')}\n\n`);
      if (response.writableLength > UNREAD_BYTES_MAX) response.destroy();
    },
    end() {
      clearInterval(timer);
      response.end();
    },
  };
}
