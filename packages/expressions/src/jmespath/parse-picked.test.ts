import { describe, expect, test } from '@jest/globals';
import { exampleBudget } from '../budget.example.ts';
import { compileTemplate } from '../compile-template.ts';
import { exampleScope } from '../scope.example.ts';
import { parsePicked } from './parse-picked.ts';

const body = { items: [{ id: 1 }, { id: 2 }], next: null, total: 2, cost: '$5' };

function pick(text: string): unknown {
  const scope = { ...exampleScope(), response: { status: 200, headers: {}, body } };
  return compileTemplate(parsePicked(text, ['response', 'body']))(scope, exampleBudget());
}

describe('a selected value', () => {
  test.each<[string, unknown]>([
    ['items[].id', [1, 2]],
    ['@', body],
    [' total ', 2],
    ['length(items)', 2],
    ['{ids: items[*].id, total: total}', { ids: [1, 2], total: 2 }],
    ["cost == '$5'", true],
    ['next', undefined],
    ['items | [0].id', 1],
    ['[items, total] | [1]', 2],
    ['items[?id > `1`].id | [0]', 2],
    ['status', undefined],
  ])('%s', (text, value) => {
    expect(pick(text)).toEqual(value);
  });

  test.each(['$', '$.secrets', 'items[?$.secrets]', 'a || $secrets.KEY'])(
    'can access nothing outside the response: %s',
    (text) => {
      expect(() => pick(text)).toThrow('"$" cannot be used here');
    },
  );

  test.each(['', 'a)', 'a) | (b', '(a', 'items[', '{'])('%j is refused', (text) => {
    expect(() => pick(text)).toThrow('Not a valid JMESPath expression');
  });

  test('the place of a mistake is that in the text', () => {
    expect(() => pick('items[?id > 1]')).toThrow(expect.objectContaining({ offset: 12 }));
  });

  test.each(["'", '`', '"a'])('%s is refused: its quote is not closed', (text) => {
    expect(() => pick(text)).toThrow('is not closed');
  });
});
