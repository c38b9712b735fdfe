import type { Diagnostic as Mark } from '@codemirror/lint';
import type { Text } from '@codemirror/state';
import type { Diagnostic } from '@toolplane/contracts';

/** Line and column are counted from 1, as in the API. */
export type TextPosition = Pick<Diagnostic, 'line' | 'column'>;

/** The offset of a location in a text, which may have changed since the location was reported. */
export function findOffset(text: Text, { line, column }: TextPosition): number {
  const { from, to } = text.line(Math.min(Math.max(line, 1), text.lines));
  return Math.min(from + Math.max(column, 1) - 1, to);
}

/** The diagnostics that the editor shows. Those of a source document have no location in it. */
export function toMarks(text: Text, diagnostics: readonly Diagnostic[]): Mark[] {
  return diagnostics
    .filter(({ source }) => source === undefined)
    .map(({ severity, message, hint, ...place }) => {
      const from = findOffset(text, place);
      return { from, to: findEnd(text, from), severity, message: `${message}\n${hint}` };
    })
    .sort((one, other) => one.from - other.from);
}

/** A diagnostic says only where something begins. One word is marked, or a quoted text including its quotes. */
function findEnd(text: Text, from: number): number {
  const rest = text.sliceString(from, text.lineAt(from).to);
  const [word = ''] = /^(?:"[^"]*"|'[^']*'|[^\s,{}[\]]+|.)/u.exec(rest) ?? [];
  return from + word.length;
}
