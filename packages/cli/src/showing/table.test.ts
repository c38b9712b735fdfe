import { expect, test } from '@jest/globals';
import { toFacts, toTable } from './table.ts';

test('the text of a cell cannot add a line or a column', () => {
  const rows = [
    ['a\nb  running', 'x'],
    ['c\t\u001b[2J', 'y'],
  ];
  expect(toTable(['NAME', 'STATE'], rows)).toEqual(['NAME           STATE', 'a\\nb  running  x', 'c\\t\\u001b[2J   y']);
  expect(toFacts({ Name: 'a\nState: running', Pool: undefined })).toEqual(['Name: a\\nState: running']);
});
