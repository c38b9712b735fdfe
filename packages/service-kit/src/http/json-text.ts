import { z } from 'zod';

/**
 * JSON that was written elsewhere and is sent unchanged: it is too large to be parsed and serialized on the event loop.
 */
export class JsonText {
  readonly text: string;
  readonly type: 'json' | 'application/x-ndjson';

  constructor(text: string, type: 'json' | 'application/x-ndjson' = 'json') {
    this.text = text;
    this.type = type;
  }
}

/** The body of an answer whose description only says that it is an object. */
export const jsonTextSchema = z.instanceof(JsonText).meta({ type: 'object' });

/** JSON Lines: one value per line. */
export const jsonLinesSchema = z.instanceof(JsonText).meta({ type: 'string' });
