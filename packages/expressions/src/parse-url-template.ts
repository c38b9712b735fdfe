import type { UrlTemplate } from '@toolplane/contracts';
import { ExpressionSyntaxError } from './expression-error.ts';
import { EXPRESSION_LENGTH_MAX, isJmespath } from './jmespath/parse-jmespath.ts';
import { type FoundReference, findReferences, type ReferenceInText } from './reference.ts';
import { findDotSegment } from './url-path.ts';

type Where = 'host' | 'path' | 'query';

/** Parses a URL whose scheme, host and structure come from the document alone. Throws `ExpressionSyntaxError`. */
export function parseUrlTemplate(text: string): { url: UrlTemplate; references: FoundReference[] } {
  if (text.length > EXPRESSION_LENGTH_MAX) {
    throw new ExpressionSyntaxError(`A URL has at most ${EXPRESSION_LENGTH_MAX} characters`, 0);
  }
  if (isJmespath(text)) {
    throw new ExpressionSyntaxError('A URL cannot be a JMESPath expression: make it an output and refer to that', 0);
  }
  const found = findReferences(text);
  const references = found.map(({ path, offset, text: written }) => {
    return { path, offset, text: written, pointer: '', isJmespath: false };
  });
  const [first] = found;
  if (first !== undefined && first.start === 0 && first.end === text.length) {
    return { url: { kind: 'whole', path: first.path }, references };
  }
  checkLiteralText(text);
  const url: UrlTemplate = { kind: 'parts', parts: toParts(text, found) };
  checkWhole(text, found);
  return { url, references };
}

function toParts(text: string, found: ReferenceInText[]): Extract<UrlTemplate, { kind: 'parts' }>['parts'] {
  const pathStart = text.slice(authorityStart(text)).search(/[/?#]/) + authorityStart(text);
  const queryStart = text.indexOf('?');
  const whereAt = (offset: number): Where => {
    if (pathStart < authorityStart(text) || offset < pathStart) return 'host';
    return queryStart < 0 || offset < queryStart ? 'path' : 'query';
  };
  const parts: (string | { path: string[]; where: Where })[] = [];
  let end = 0;
  for (const reference of found) {
    if (reference.start > end) parts.push(text.slice(end, reference.start));
    parts.push({ path: reference.path, where: whereAt(reference.start) });
    end = reference.end;
  }
  if (end < text.length) parts.push(text.slice(end));
  return parts;
}

function authorityStart(text: string): number {
  return text.indexOf('//') + 2;
}

function checkLiteralText(text: string): void {
  if (!/^https?:\/\//i.test(text)) {
    const reason = text.startsWith('$') || text.startsWith('{$') ? ' or be one whole reference' : '';
    throw new ExpressionSyntaxError(`A URL must begin with https:// or http://${reason}`, 0);
  }
  // A URL parser skips additional slashes after the first two: what looks like the path would be the host.
  if (/^https?:\/\/\//i.test(text)) {
    throw new ExpressionSyntaxError('The host comes right after "//"', text.indexOf('///') + 2);
  }
  const control = text.search(/[\s\p{Cc}\\]/u);
  if (control >= 0) {
    throw new ExpressionSyntaxError('Spaces, backslashes and control characters do not belong in a URL', control);
  }
  const fragment = text.indexOf('#');
  if (fragment >= 0) throw new ExpressionSyntaxError('A fragment (#…) is never sent: remove it', fragment);
  const at = text.slice(authorityStart(text)).split(/[/?]/, 1)[0]?.indexOf('@') ?? -1;
  if (at >= 0) {
    const offset = authorityStart(text);
    throw new ExpressionSyntaxError('User and password do not belong in a URL: send an Authorization header', offset);
  }
}

/** Validates the URL with a harmless value for each reference: a digit is valid both in a port and in a name. */
function checkWhole(text: string, found: ReferenceInText[]): void {
  let sample = '';
  let end = 0;
  for (const { start, end: next } of found) {
    sample += `${text.slice(end, start)}1`;
    end = next;
  }
  sample += text.slice(end);
  if (!URL.canParse(sample)) throw new ExpressionSyntaxError('This is not a valid URL', 0);
  const dots = findDotSegment(sample);
  if (dots) throw new ExpressionSyntaxError('The segments "." and ".." are not allowed in the path of a URL', 0);
}
