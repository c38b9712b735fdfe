import { expect, jest, test } from '@jest/globals';
import { fuzzing, fuzzTimeoutMs } from '@toolplane/loopback/fuzzing';
import fc from 'fast-check';
import { isExactNumber, replaceInexactNumbers } from './inexact-numbers.ts';

const replaceIn = (text: string) => replaceInexactNumbers(text, JSON.parse(text), (source) => `was ${source}`);

test.each<[string, unknown]>([
  ['[12345678901234567,{"a":-12345678901234567}]', ['was 12345678901234567', { a: 'was -12345678901234567' }]],
  [
    '[9007199254740993.0,-9007199254740993.00,9007199254740992.0]',
    ['was 9007199254740993.0', 'was -9007199254740993.00', 2 ** 53],
  ],
  ['[1e999, -1.5E+400 ,1E0400]', ['was 1e999', 'was -1.5E+400', 'was 1E0400']],
  ['12345678901234567', 'was 12345678901234567'],
  [
    '["12345678901234567","\\"12345678901234567","\\\\",12345678901234567]',
    [...textsOfDigits(), 'was 12345678901234567'],
  ],
  ['{"12345678901234567":12345678901234567}', { '12345678901234567': 'was 12345678901234567' }],
  ['[9007199254740992,0.12345678901234567,6.02e123,-0]', [2 ** 53, Number('0.12345678901234567'), 6.02e123, -0]],
])('%s', (text, value) => {
  expect(replaceIn(text)).toEqual(value);
});

function textsOfDigits(): string[] {
  return ['12345678901234567', '"12345678901234567', '\\'];
}

test(
  'finds what a reviver finds, at any place',
  () => {
    const part = fc.oneof(
      fc.constantFrom(
        '12345678901234567',
        '-98765432109876543',
        '1e400',
        '9007199254740992',
        '9007199254740993.0',
        '0.1',
        '-1.5e-300',
        'true',
      ),
      fc.string().map((text) => JSON.stringify(`${text}12345678901234567`)),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), part, fc.boolean())), (parts) => {
        const members = parts.map(
          ([name, value, isList]) => `${JSON.stringify(name)} :${isList ? `[${value},1 ]` : value}`,
        );
        const text = `{${members.join(', ')}}`;
        const revived = JSON.parse(text, (_name, value, { source = '' } = { source: '' }) =>
          typeof value !== 'number' || isExactNumber(value, source) ? value : `was ${source}`,
        );
        expect(replaceIn(text)).toEqual(revived);
      }),
      fuzzing,
    );
  },
  fuzzTimeoutMs,
);

test('a large response with one long id is parsed without a function call for each of its values', () => {
  const parse = jest.spyOn(JSON, 'parse');
  try {
    replaceInexactNumbers('[1,2,12345678901234567]', [], () => 'long');
    expect(parse.mock.calls).toEqual([['[1,2,"long"]']]);
  } finally {
    parse.mockRestore();
  }
});
