import { Text } from '@codemirror/state';
import { expect, test } from '@jest/globals';
import type { Diagnostic } from '@toolplane/contracts';
import { findOffset, toMarks } from './places.ts';

const text = Text.of(['flower: "0.1"', 'flows: [{ id: "a b" }]', '']);

function diagnose(line: number, column: number, given: Partial<Diagnostic> = {}): Diagnostic {
  return { severity: 'error', code: 'some', message: 'Wrong', hint: 'Mend it.', pointer: '', line, column, ...given };
}

function markedIn(diagnostic: Diagnostic): string[] {
  return toMarks(text, [diagnostic]).map(({ from, to }) => text.sliceString(from, to));
}

test.each([
  ['a word', 1, 1, 'flower:'],
  ['a text in quotes, with its spaces', 2, 15, '"a b"'],
  ['a bracket alone', 2, 8, '['],
  ['nothing at the end of a line', 1, 14, ''],
  ['nothing in an empty line', 3, 1, ''],
])('%s is marked', (_what, line, column, marked) => {
  expect(markedIn(diagnose(line, column))).toEqual([marked]);
});

test('a place that is no longer in the text becomes the nearest one', () => {
  expect(findOffset(text, { line: 2, column: 999 })).toBe(text.line(2).to);
  expect(findOffset(text, { line: 999, column: 1 })).toBe(text.length);
  expect(findOffset(text, { line: 0, column: 0 })).toBe(0);
});

test('a problem in a source document is not marked in the definition', () => {
  expect(markedIn(diagnose(1, 1, { source: 'petstore' }))).toEqual([]);
});

test('marks are in the order of the text, and include the hint', () => {
  const marks = toMarks(text, [diagnose(2, 1), diagnose(1, 1, { severity: 'warning' })]);
  expect(marks.map(({ from, severity }) => [from, severity])).toEqual([
    [0, 'warning'],
    [14, 'error'],
  ]);
  expect(marks[0]?.message).toBe('Wrong\nMend it.');
});
