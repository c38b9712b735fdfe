import type { JsonObject } from '@toolplane/contracts';

/** JSON text, because no other code processes the result before it is sent. */
export type Result =
  | {
      /** `resultType` of the modern era; absent = `complete`. */
      kind?: 'complete' | 'input_required' | 'task';
      /** Members of the result without braces and without `_meta`. */
      members: string;
      meta?: JsonObject;
      headers?: Record<string, string>;
    }
  /** A whole result made for this era, and the brace that closes the answer. */
  | { prepared: Buffer };

export type TextResult = Extract<Result, { members: string }>;
