import { expect, test } from '@jest/globals';
import { CliError } from '../cli-error.ts';
import { readInputs } from './tool-inputs.ts';

test('an input is read as JSON if it is valid JSON, otherwise as text, and overrides the common inputs', () => {
  const input = new Map(Object.entries({ number: '7', quoted: '"7"', text: 'seven, 7', list: '[1]', none: 'null' }));
  expect(readInputs({ input, inputs: '{"number": 1, "kept": true}' })).toEqual({
    number: 7,
    quoted: '7',
    text: 'seven, 7',
    list: [1],
    none: null,
    kept: true,
  });
});

test.each(['[1]', '7', 'null', '{', '@/there/is/no/such.file'])('invalid common inputs are refused: %s', (inputs) => {
  expect(() => readInputs({ input: new Map(), inputs })).toThrow(CliError);
});
