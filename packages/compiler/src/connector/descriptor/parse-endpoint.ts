import { ExpressionSyntaxError, parseUrlTemplate } from '@toolplane/expressions';
import { type Piece, parseBraces } from './parse-braces.ts';

/** `base` is a placeholder that also includes scheme and host. */
export type Where = 'base' | 'host' | 'path' | 'query';

/** `key` names a value of the call, or a credential in the requests of a sign-in. */
export type EndpointPart =
  | string
  | { key: string; where: 'path' | 'query'; offset: number }
  | { configuration: string; where: Where; offset: number };

/** A problem of a URL in a descriptor. */
export class EndpointError extends Error {
  readonly offset: number;

  constructor(message: string, offset = 0) {
    super(message);
    this.offset = offset;
  }
}

const CONFIGURATION = /^config\.([a-z][a-z0-9_]{0,63})$/;

/**
 * Parses an absolute URL with `{key}` and `{config.<key>}`. Scheme and host come from the descriptor and from the
 * creator of the instance, never from a call. Throws `EndpointError`.
 */
export function parseEndpoint(text: string): EndpointPart[] {
  const { pieces, problem } = parseBraces(text);
  if (problem !== undefined) throw new EndpointError(problem.message, problem.offset);
  const [first, second] = pieces;
  if (typeof first === 'object' && second !== undefined && !(typeof second === 'string' && /^[/?]/.test(second))) {
    throw new EndpointError(`A "/" must follow {${first.key}}`, first.key.length + 2);
  }
  checkUrl(sampleOf(pieces));
  return pieces.map((piece, index) => (typeof piece === 'string' ? piece : toPart(piece, pieces.slice(0, index))));
}

function toPart({ key, offset }: Exclude<Piece, string>, before: Piece[]): EndpointPart {
  const where = whereAfter(before);
  const [, configuration] = CONFIGURATION.exec(key) ?? [];
  if (configuration !== undefined) return { configuration, where, offset };
  if (key.startsWith('config.')) {
    const rule = 'a lowercase letter, then lowercase letters, digits and "_"';
    throw new EndpointError(`"config." must be followed by a key: ${rule}`, offset);
  }
  if (where === 'base' || where === 'host') {
    throw new EndpointError('The host cannot depend on the call: use {config.<key>}', offset);
  }
  return { key, where, offset };
}

function whereAfter(before: Piece[]): Where {
  if (before.length === 0) return 'base';
  const rest = sampleOf(before).replace(/^https?:\/\/[^/?]*/i, '');
  if (rest === '') return 'host';
  return rest.includes('?') ? 'query' : 'path';
}

/** Inserts something harmless for each placeholder: a digit is valid both in a port and in a name. */
function sampleOf(pieces: Piece[]): string {
  return pieces
    .map((piece, index) => {
      if (typeof piece !== 'string') return index === 0 ? 'https://base.example' : '1';
      // Text that other formats treat as an expression is ordinary text here.
      return piece.replaceAll('$', 's');
    })
    .join('');
}

/** Throws `EndpointError` if the text is not an absolute URL or contains parts that no request has. */
export function checkUrl(text: string): void {
  try {
    parseUrlTemplate(text);
  } catch (thrown) {
    if (thrown instanceof ExpressionSyntaxError) throw new EndpointError(thrown.message, thrown.offset);
    throw thrown;
  }
}
