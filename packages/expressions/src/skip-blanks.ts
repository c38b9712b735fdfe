/** The offset of the next character that is not white space, or the end. */
export function skipBlanks(text: string, offset: number): number {
  let next = offset;
  while (next < text.length && /\s/.test(text.charAt(next))) next += 1;
  return next;
}
