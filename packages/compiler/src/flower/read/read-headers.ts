import type { Part } from '../../document/part.ts';
import type { Expression } from '../model.ts';
import { ENTRIES_MAX, readExpression } from './read-expression.ts';

/** Headers that decide how a message is framed, routed or attributed belong to the platform. */
const RESERVED =
  /^(?:host|transfer-encoding|content-length|connection|keep-alive|upgrade|te|trailer|expect|cookie|forwarded|proxy-.*|x-forwarded-.*)$/i;

/** RFC 9110 token. */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;

/** What may stand in a header value; anything else could end the header. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

export function readHeaders(part: Part | undefined): Expression[] {
  const entries = part?.entries({ max: ENTRIES_MAX }) ?? [];
  const seen = new Set<string>();
  for (const [name, value] of entries) {
    checkName(name, value);
    checkValue(value);
    if (seen.has(name.toLowerCase())) {
      value.error('duplicate_header', `The header ${name} stands here twice`, 'Keep one of them.', { at: 'key' });
    }
    seen.add(name.toLowerCase());
  }
  return entries.map(([name, value]) => readExpression(name, value));
}

function checkName(name: string, part: Part): void {
  if (RESERVED.test(name)) {
    part.error('reserved_header', `The header ${name} is set by the platform`, 'Remove it.', { at: 'key' });
  } else if (!NAME.test(name)) {
    part.error('invalid_header', 'This is not a valid header name', 'Use letters, digits and "-".', { at: 'key' });
  }
}

function checkValue(part: Part): void {
  if (typeof part.value === 'object') {
    part.error('invalid_header', 'A header value is text, a number, true or false', 'Write one text per header.');
  } else if (typeof part.value === 'string' && !VALUE.test(part.value)) {
    part.error('invalid_header', 'A header value has no line breaks and no characters beyond Latin-1', 'Remove them.');
  }
}
