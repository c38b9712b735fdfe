/** Literal text, or the key of a placeholder in braces. */
export type Piece = string | { key: string; offset: number };

type Parsed = { pieces: Piece[]; problem?: { message: string; offset: number } };

/** Parses text in which `{key}` is a placeholder, and `{{` and `}}` are braces. */
export function parseBraces(text: string): Parsed {
  const pieces: Piece[] = [];
  let literal = '';
  for (const { 0: found, index } of text.matchAll(/\{\{|\}\}|\{[^{}]*\}|[{}]|[^{}]+/g)) {
    if (found === '{' || found === '}') {
      const message = found === '{' ? 'This "{" is not closed' : 'This "}" closes nothing';
      return { pieces, problem: { message, offset: index } };
    }
    if (found === '{}') return { pieces, problem: { message: 'There is no name in these braces', offset: index } };
    if (found.length > 1 && found.startsWith('{') && found !== '{{') {
      if (literal !== '') pieces.push(literal);
      literal = '';
      pieces.push({ key: found.slice(1, -1), offset: index });
    } else {
      literal += found === '{{' || found === '}}' ? found.charAt(0) : found;
    }
  }
  if (literal !== '') pieces.push(literal);
  return { pieces };
}

export function keysOf(pieces: Piece[]): { key: string; offset: number }[] {
  return pieces.filter((piece) => typeof piece !== 'string');
}
