import { AppError } from '@toolplane/contracts';

/**
 * The number of events and bytes that a connection may still send before it is closed. It is renewed for each request
 * on the connection.
 */
export type EventBudget = { events: number; bytes: number };

/** Far more than a tool reports of its progress, and few enough to be read in a moment. */
const EVENTS_MAX = 5000;

export function createEventBudget(eventBytesMax: number): EventBudget {
  return { events: EVENTS_MAX, bytes: 4 * eventBytesMax };
}

/** Passes on a stream of server-sent events, provided that no event is too large and there are not too many. */
export async function* limitEvents(
  body: AsyncIterable<Buffer>,
  eventBytesMax: number,
  budgetOf: () => EventBudget,
): AsyncGenerator<Buffer, void> {
  let eventBytes = 0;
  /** The bytes of the current line; a carriage return at its end does not count. */
  let lineBytes = 0;
  for await (const chunk of body) {
    const budget = budgetOf();
    budget.bytes -= chunk.length;
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
      const isReturn = end > from && chunk[end - 1] === CARRIAGE_RETURN;
      lineBytes += end - from - (isReturn ? 1 : 0);
      eventBytes += end - from + 1;
      if (eventBytes > eventBytesMax) throw tooMuch();
      if (lineBytes === 0) {
        budget.events -= 1;
        eventBytes = 0;
      }
      lineBytes = 0;
      from = end + 1;
    }
    lineBytes += chunk.length - from;
    eventBytes += chunk.length - from;
    if (eventBytes > eventBytesMax || budget.bytes < 0 || budget.events < 0) throw tooMuch();
    yield chunk;
  }
}

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

function tooMuch(): AppError {
  return new AppError('response_too_large', 'The external server sent more than a tool may return');
}
