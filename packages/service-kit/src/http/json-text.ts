import { z } from 'zod';

/** JSON that was written elsewhere and is sent as it is: too large to be read and written again on the event loop. */
export class JsonText {
  readonly text: string;
  readonly type: 'json' | 'application/x-ndjson';

  constructor(text: string, type: 'json' | 'application/x-ndjson' = 'json') {
    this.text = text;
    this.type = type;
  }
}

/** Body of an answer of which only this is said: that it is an object. */
export const jsonTextSchema = z.instanceof(JsonText).meta({ type: 'object' });

/** JSON Lines: a value on each line. */
export const jsonLinesSchema = z.instanceof(JsonText).meta({ type: 'string' });
