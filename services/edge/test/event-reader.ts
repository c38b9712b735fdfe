import type { JsonRpcAnswer } from './test-edge.ts';

export type TestEvent = { id?: string; type?: string; retry?: string; data: string; message: JsonRpcAnswer };

export type TestStream = {
  status: number;
  headers: Headers;
  /** Waits for the next event; returns undefined if the stream ended regularly. */
  next(): Promise<TestEvent | undefined>;
  /** Returns all events from now until the end of the stream. */
  rest(): Promise<TestEvent[]>;
  /** Closes the connection, like a client that has lost it. */
  leave(): void;
};

/** Reads server-sent events one by one. */
export async function openStream(url: string, init: RequestInit): Promise<TestStream> {
  const leaving = new AbortController();
  const response = await fetch(url, { ...init, signal: leaving.signal });
  const events = readEvents(response);
  const next = async () => (await events.next()).value;
  return {
    status: response.status,
    headers: response.headers,
    next,
    async rest() {
      const rest: TestEvent[] = [];
      for await (const event of events) rest.push(event);
      return rest;
    },
    leave: () => leaving.abort(),
  };
}

async function* readEvents(response: Response): AsyncGenerator<TestEvent, undefined> {
  let text = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const event = toEvent(text.slice(0, end));
      text = text.slice(end + 2);
      if (event !== undefined) yield event;
    }
  }
  return undefined;
}

/** Returns undefined for a comment. */
function toEvent(block: string): TestEvent | undefined {
  const fields = new Map(block.split('\n').map((line) => line.split(/: ?(.*)/s, 2) as [string, string]));
  const [data, id, type, retry] = ['data', 'id', 'event', 'retry'].map((name) => fields.get(name));
  if (data === undefined) return undefined;
  return {
    data,
    message: data.startsWith('{') ? JSON.parse(data) : undefined,
    ...(id === undefined ? {} : { id }),
    ...(type === undefined ? {} : { type }),
    ...(retry === undefined ? {} : { retry }),
  };
}
