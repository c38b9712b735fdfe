import { z } from 'zod';

/** JSON that was written elsewhere and is sent as it is: too large to be read and written again on the event loop. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Body of an answer of which only this is said: that it is an object. */
export const jsonTextSchema = z.instanceof(JsonText).meta({ type: 'object' });
