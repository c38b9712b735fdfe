/** What ends a line, or changes it, for a terminal or a reader of logs, and JSON leaves as it is. */
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu;

/** A text of somebody else as a part of one line, so that it cannot pass for a separate line. */
export function toOneLine(text: string): string {
  return text.toWellFormed().replaceAll(CONTROLS, ' ');
}
