import type { JsonObject } from '@toolplane/contracts';

/** The result of a method as JSON text, because no other code processes the result before it is sent. */
export type Result =
  | {
      /** The `resultType` of the modern era; absent means `complete`. */
      kind?: 'complete' | 'input_required' | 'task';
      /** The members of the result, without braces and without `_meta`. */
      members: string;
      meta?: JsonObject | undefined;
      headers?: Record<string, string>;
    }
  /** A complete result for this era, with the brace that closes the answer. */
  | { prepared: Buffer };

export type TextResult = Extract<Result, { members: string }>;
