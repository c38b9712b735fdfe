/** A server-sent event as WHATWG HTML defines it, or a comment, which browsers ignore. */
export type ReadEvent = { id?: string; event?: string; data?: string; comment?: string };

/** Yields the events of a response until it ends or the caller stops reading; then the connection is closed. */
export async function* readServerSentEvents(response: Response): AsyncGenerator<ReadEvent, void> {
  let rest = '';
  for await (const text of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    const blocks = `${rest}${text}`.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) yield toEvent(block);
  }
}

function toEvent(block: string): ReadEvent {
  const fields: Record<string, string> = {};
  for (const line of block.split('\n')) {
    const [, name = '', value = ''] = /^([a-z]*): ?(.*)$/.exec(line) ?? [];
    const key = name === '' ? 'comment' : name;
    fields[key] = key in fields ? `${fields[key]}\n${value}` : value;
  }
  return fields;
}
