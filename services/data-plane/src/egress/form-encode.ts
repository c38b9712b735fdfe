/** Encodes a text as the values of HTML forms are written. */
export function formEncode(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}
