import { ExpressionSyntaxError, parsePicked } from '@toolplane/expressions';
import type { Part } from '../../document/part.ts';

/** Checks JMESPath over the body of a response. */
export function checkPicked(text: string | undefined, part: Part): void {
  if (text === undefined) return;
  try {
    parsePicked(text, ['response', 'body']);
  } catch (thrown) {
    if (!(thrown instanceof ExpressionSyntaxError)) throw thrown;
    const { message, offset, hint = 'Write JMESPath over the body, for instance items[].id.' } = thrown;
    part.error('invalid_expression', message, hint, { offset });
  }
}
