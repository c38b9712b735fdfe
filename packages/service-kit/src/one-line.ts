/** Characters that end or change a line for a terminal or a reader of logs, and that JSON does not escape. */
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu;

/** Turns a text from outside into a part of one line, so that it cannot imitate a separate line. */
export function toOneLine(text: string): string {
  return text.toWellFormed().replaceAll(CONTROLS, ' ');
}
