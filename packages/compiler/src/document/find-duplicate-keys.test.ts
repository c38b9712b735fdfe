import { describe, expect, test } from '@jest/globals';
import { cpuMs } from '@toolplane/loopback/cpu-time';
import fc from 'fast-check';
import { findDuplicateKeys } from './find-duplicate-keys.ts';

describe('keys that occur twice in one object', () => {
  test.each([
    ['at the root', '{"a": 1, "b": 2, "a": 3}', ['/a 17']],
    ['however they are written', '{"a": 1, "\\u0061": {"a": 1}}', ['/a 9']],
    ['in lists and objects', '{"x": [1, "a,b:{", {"k~/": [], "k~/": 1}]}', ['/x/2/k~0~1 31']],
    ['each time except the first', '{"a":1,"a":1,"a":1}', ['/a 7', '/a 13']],
    ['equal keys of different objects are not duplicates', '[{"a": 1}, {"a": {"a": "a"}}]', []],
    ['texts with quotes and colons are not keys', '{"a": "\\"a\\": 1, \\\\", "b": "{\\"a\\""}', []],
  ])('%s', (_, text, expected) => {
    const found = findDuplicateKeys(text, 10);
    expect(found.map(({ pointer, offset }) => `${pointer} ${offset}`)).toEqual(expected);
  });

  test('no more are reported than requested', () => {
    expect(findDuplicateKeys('{"a":1,"a":1,"a":1}', 1)).toHaveLength(1);
  });

  test('text that was serialized from a value has none', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(findDuplicateKeys(JSON.stringify(value), 10)).toEqual([]);
      }),
    );
  });

  test('a text of 16 MiB that consists of escapes is read to its end', () => {
    const json = JSON.stringify({ a: 'a\n'.repeat(5_000_000), b: 1 });
    expect(findDuplicateKeys(`${json.slice(0, -1)},"b":2}`, 10)).toMatchObject([{ key: 'b', pointer: '/b' }]);
  });

  test('are found cheaply in 16 MiB', () => {
    const text = JSON.stringify({ operations: Array.from({ length: 100_000 }, () => ({ a: 'x'.repeat(140), b: 1 })) });
    const startMs = cpuMs();
    expect(findDuplicateKeys(text, 10)).toEqual([]);
    expect(cpuMs() - startMs).toBeLessThan(4000);
  });
});
