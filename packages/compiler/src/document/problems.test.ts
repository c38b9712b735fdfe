import { expect, test } from '@jest/globals';
import { DIAGNOSTICS_MAX, Problems } from './problems.ts';
import { readDocument } from './read-document.ts';

const { document } = readDocument('a: first text\nb: second text\n');
if (document === undefined) throw new Error('The document is valid');
const { positions } = document;

const linesOf = (problems: Problems) =>
  problems.toList().map(({ severity, code, message, source, line, column }) => {
    return [severity, code, message, line, column, ...(source === undefined ? [] : [source])].join(' ');
  });

test('what is found twice in the same place is listed once', () => {
  const problems = new Problems(positions);
  for (const _ of [1, 2]) {
    problems.error('odd', '/a', 'This is odd', 'Change it.');
    problems.error('odd', '/a', 'This is odd', 'Change it.', { offset: 6 });
    problems.warn('odd', '/a', 'This is odd', 'Change it.');
    problems.error('odd', '/b', 'This is odd', 'Change it.');
    problems.error('odd', '/b', 'This is odd', 'Change it.', { at: 'key' });
    problems.error('odd', '/b', 'This is very odd', 'Change it.');
  }
  expect(linesOf(problems)).toEqual([
    'error odd This is odd 1 4',
    'warning odd This is odd 1 4',
    'error odd This is odd 1 10',
    'error odd This is odd 2 1',
    'error odd This is odd 2 4',
    'error odd This is very odd 2 4',
  ]);
  expect(problems.errors()).toHaveLength(5);
});

test('the same problem in two sources is listed for both', () => {
  const problems = new Problems(positions);
  for (const source of ['one', 'two', 'two']) {
    problems.ofSource(source, positions).error('odd', '/a', 'This is odd', 'Change it.');
  }
  expect(linesOf(problems)).toEqual(['error odd This is odd 1 4 one', 'error odd This is odd 1 4 two']);
});

test('what was found before, by the reader or by all of several checks, is not listed again', () => {
  const found = { severity: 'error', code: 'odd', message: 'This is odd', hint: 'Change it.', pointer: '/a' } as const;
  const read = { ...found, line: 1, column: 4 };
  const problems = new Problems(positions, [read, read]);
  const check = () => {
    problems.error('new', '/b', 'This is new', 'Change it.');
    return true;
  };
  problems.addCommon([check, check], () => true);
  check();
  expect(linesOf(problems)).toEqual(['error odd This is odd 1 4', 'error new This is new 2 4']);
});

test('a repetition does not take the place of another problem', () => {
  const problems = new Problems(positions);
  for (let count = 0; count < 2 * DIAGNOSTICS_MAX; count += 1) problems.warn('odd', '/a', 'This is odd', 'Change it.');
  problems.warn('last', '/b', 'This is the last', 'Change it.');
  expect(linesOf(problems)).toEqual(['warning odd This is odd 1 4', 'warning last This is the last 2 4']);
});
