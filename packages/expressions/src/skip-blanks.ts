/** Returns the offset of the next character that is not white space, or the end of the text. */
export function skipBlanks(text: string, offset: number): number {
  let next = offset;
  while (next < text.length && /\s/.test(text.charAt(next))) next += 1;
  return next;
}
