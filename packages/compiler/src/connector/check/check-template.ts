import type { Part } from '../../document/part.ts';
import { suggestName } from '../../document/suggest-name.ts';
import { headerNameProblem } from '../../http/header-name.ts';
import { keysOf, parseBraces } from '../descriptor/parse-braces.ts';

const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Checks text with `{key}` of credentials. If `keys` is undefined, the available keys are not known. */
export function checkTemplate(text: string, part: Part, keys: readonly string[] | undefined): void {
  const { pieces, problem } = parseBraces(text);
  if (problem !== undefined) {
    part.error('invalid_template', problem.message, 'Write {key}, or {{ and }} for braces.', {
      offset: problem.offset,
    });
    return;
  }
  checkKeys(keysOf(pieces), part, keys);
}

export function checkKeys(
  found: readonly { key: string; offset: number }[],
  part: Part,
  keys: readonly string[] | undefined,
): void {
  for (const { key, offset } of found) {
    if (keys === undefined || keys.includes(key)) continue;
    const hint =
      keys.length === 0
        ? 'No fields are known here: name an authentication, and declare its fields.'
        : suggestName(key, keys, 'Available');
    part.error('unknown_template_key', `{${key}} names neither a field nor a value made from fields`, hint, { offset });
  }
}

/** Checks the headers of credentials or of a sign-in. */
export function checkHeaders(headers: [string, string][], part: Part, keys: readonly string[] | undefined): void {
  const seen = new Set<string>();
  for (const [name, text] of headers) {
    const place = part.place(name);
    const problem = headerNameProblem(name);
    if (problem !== undefined) place.error(problem.code, problem.message, problem.hint, { at: 'key' });
    if (!HEADER_VALUE.test(text)) {
      const message = 'A header value cannot have line breaks or characters outside Latin-1';
      place.error('invalid_header', message, 'Remove them.');
    }
    if (seen.has(name.toLowerCase())) {
      place.error('duplicate_header', `Duplicate header ${name}`, 'Keep one of them.', { at: 'key' });
    }
    seen.add(name.toLowerCase());
    checkTemplate(text, place, keys);
  }
}
