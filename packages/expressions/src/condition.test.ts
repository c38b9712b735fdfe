import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { exampleBudget } from './budget.example.ts';
import { compileCondition } from './compile-condition.ts';
import { ExpressionSyntaxError } from './expression-error.ts';
import { parseCondition } from './parse-condition.ts';
import { exampleScope } from './scope.example.ts';

function holds(text: string, inputs = {}): boolean {
  return compileCondition(parseCondition(text).condition)(exampleScope(inputs), exampleBudget());
}

function failure(text: string): ExpressionSyntaxError {
  try {
    parseCondition(text);
  } catch (thrown) {
    if (thrown instanceof ExpressionSyntaxError) return thrown;
  }
  throw new Error(`parsed: ${text}`);
}

test('a text longer than any number is not a number, and is not scanned again and again', () => {
  const [longest, longer] = [1024, 1025].map((length) => '1'.padStart(length, '0'));
  expect(holds('$inputs.n < 2', { n: longest })).toBe(true);
  expect(holds('$inputs.n < 2', { n: longer })).toBe(false);
  expect(holds('$inputs.n == 1', { n: longest })).toBe(true);
  expect(holds('$inputs.n == 1', { n: longer })).toBe(false);
});

describe('holds', () => {
  test.each([
    '$statusCode == 202',
    "$answers.traveller.action == 'accept' AND !$answers.skipped",
    "$response.body.status == 'pending'",
    '$response.body.status == "pending"',
    '!$response.body.error',
    '$statusCode >= 200 AND $statusCode < 300',
    '$statusCode >= 200 && $statusCode < 300',
    '$statusCode == 500 OR $statusCode == 202',
    '$statusCode==500||$statusCode==202',
    "($statusCode == 500 OR $statusCode == 202) AND !($response.body.status != 'pending')",
    'true OR false AND false',
    '!false == true',
    '$steps.get-weather.outputs.temperature > 10',
    '$response.body.missing == null',
    'null == $inputs.nothing',
    "$statusCode == '202'",
    "'1.0' == 1",
    '$inputs.delta == -3',
    '$inputs.delta < -2.5',
    '$response.body.users',
    '$response.body.settings',
    "$inputs.city != 'marseille'",
    "'it\\'s' == \"it's\"",
    "$inputs.flag == 'true'",
    '$inputs.pair == $inputs.samePair',
    '(((((true)))))',
    "$inputs.longId == '12345678901234567899'",
    '$inputs.longId > 12345',
  ])('%s', (text) => {
    expect(holds(text, { flag: true, pair: [1], samePair: [1], longId: '12345678901234567899' })).toBe(true);
  });
});

describe('does not hold', () => {
  test.each([
    '$statusCode == 200',
    '$response.body.error',
    '$response.body.error == true',
    '$inputs.city > 3',
    '$inputs.city < 3',
    '$inputs.nope < 1',
    '$inputs.nope == 0',
    "$inputs.nope == ''",
    "'1' == '1.0'",
    'true == 1',
    '$response.body.current.rain',
    '$inputs.empty',
    "''",
    '0',
    '$inputs.city == $inputs.constructor',
  ])('%s', (text) => {
    expect(holds(text, { empty: [] })).toBe(false);
  });
});

test('a response id that is kept as text equals no number that is only close to it', () => {
  const inputs = { kept: '12345678901234567899', rounded: 12345678901234567000, short: '0012' };
  expect(holds('$inputs.kept == $inputs.rounded', inputs)).toBe(false);
  expect(holds('$inputs.kept != $inputs.rounded', inputs)).toBe(true);
  expect(holds('$inputs.short == 12', inputs)).toBe(true);
});

describe('refuses, with the offset', () => {
  const cases: [string, number, string][] = [
    ['', 0, 'missing'],
    ['$statusCode = 200', 12, '"=="'],
    ['$statusCode ==', 14, 'missing'],
    ['$statusCode == 200)', 18, 'not expected'],
    ['($statusCode == 200', 19, '")" is missing'],
    ['length($inputs.x) > 1', 0, 'Function calls'],
    ['$inputs.x[0] == 1', 0, 'JMESPath'],
    ['$nope == 1', 0, 'known reference'],
    ['$statusCode == abc', 15, 'quotes'],
    ["$statusCode == 'abc", 15, 'not closed'],
    ['$statusCode == 200 and true', 19, 'AND'],
    ['1 == 1 == 1', 7, 'not expected'],
    ['1 == 12345678901234567890', 5, 'in quotes'],
    ['1.2.3 == 1', 0, 'quotes'],
    ['true true', 5, 'not expected'],
    [`${'('.repeat(40)}true${')'.repeat(40)}`, 33, 'at most 32 levels'],
    [`${'!'.repeat(40)}true`, 33, 'at most 32 levels'],
    [Array.from({ length: 300 }, () => 'true').join('&&'), 1200, 'at most 200'],
    [`'${'x'.repeat(9000)}'`, 0, 'at most 8192'],
  ];
  test.each(cases.map(([text, ...expected]) => [text.slice(0, 50), text, ...expected] as const))(
    '%s',
    (_, text, offset, message) => {
      const error = failure(text);
      expect(error.message).toContain(message);
      expect(error.offset).toBe(offset);
    },
  );
});

test('references are reported with offset and resolved path', () => {
  expect(parseCondition('true AND $status == 1').references).toEqual([
    { path: ['response', 'status'], pointer: '', offset: 9, text: '$status', isJmespath: false },
  ]);
});

test('parsing fails with a syntax error or not at all', () => {
  const token = fc.constantFrom(
    '$statusCode',
    '==',
    '!',
    '(',
    ')',
    'AND',
    '||',
    "'a'",
    '1',
    ' ',
    'null',
    '=',
    '$',
    '-',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(token, { maxLength: 15 }).map((all) => all.join('')),
  );
  fc.assert(
    fc.property(text, (condition) => {
      try {
        compileCondition(parseCondition(condition).condition)(exampleScope(), exampleBudget());
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(ExpressionSyntaxError);
      }
    }),
  );
});

test('a value is never parsed as a condition', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.constantFrom('$secrets.API_KEY', "' OR true OR '")), (v) => {
      expect(holds("$inputs.v == 'k'", { v })).toBe(v === 'k');
    }),
  );
});
