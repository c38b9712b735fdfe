import { describe, expect, test } from '@jest/globals';
import { cpuMs } from '@toolplane/loopback/cpu-time';
import fc from 'fast-check';
import { createJsonPositions } from './json-positions.ts';
import { readDocument } from './read-document.ts';

const text = `{
  "a": [1, {"b\\"c": "text", "d/e": null}],
  "empty": {}, "list": [ ],
  "last": -1.5e3
}`;

describe('positions in JSON', () => {
  const positions = createJsonPositions(text);
  test.each([
    ['', 1, 1],
    ['/a', 2, 8],
    ['/a/0', 2, 9],
    ['/a/1/b"c', 2, 21],
    ['/a/1/d~1e', 2, 36],
    ['/empty', 3, 12],
    ['/last', 4, 11],
    ['/a/7', 2, 8],
    ['/gone/far', 1, 1],
    ['/list/0', 3, 24],
  ])('of a value: %s', (pointer, line, column) => {
    expect(positions.ofValue(pointer)).toEqual({ line, column });
  });

  test('of a key, and of a place inside a text', () => {
    expect(positions.ofKey('/a/1/b"c')).toEqual({ line: 2, column: 13 });
    expect(positions.ofValue('/a/1/b"c', 2)).toEqual({ line: 2, column: 24 });
    expect(positions.atOffset(3)).toEqual({ line: 2, column: 2 });
  });
});

test('are those that the YAML reader gives', () => {
  const keys = fc.string().filter((key) => key !== '__proto__' && key !== '<<' && key.isWellFormed());
  const json = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: 'small' }, fc.integer(), fc.string(), fc.constant(null), tie('list'), tie('object')),
    list: fc.array(tie('value'), { maxLength: 4 }),
    object: fc.dictionary(keys, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  })).object;
  fc.assert(
    fc.property(json, fc.integer({ min: 0, max: 2 }), (value, indent) => {
      const written = JSON.stringify(value, null, indent);
      const { document } = readDocument(written);
      if (document === undefined) return;
      const positions = createJsonPositions(written);
      for (const pointer of pointersOf(value, '')) {
        expect(positions.ofValue(pointer)).toEqual(document.positions.ofValue(pointer));
        if (pointer !== '' && !/\/\d+$/.test(pointer)) {
          expect(positions.ofKey(pointer)).toEqual(document.positions.ofKey(pointer));
        }
      }
    }),
  );
});

function pointersOf(value: unknown, pointer: string): string[] {
  if (typeof value !== 'object' || value === null) return [pointer];
  const inside = Object.entries(value).flatMap(([key, member]) => {
    return pointersOf(member, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
  });
  return [pointer, ...inside];
}

test('of many problems in a large document are found cheaply', () => {
  const items = Array.from({ length: 20_000 }, (_, id) => ({ id, text: 'x'.repeat(200) }));
  const positions = createJsonPositions(JSON.stringify({ items }));
  const startMs = cpuMs();
  for (let index = 0; index < 500; index += 1) positions.ofValue(`/items/${index * 40}/text`);
  expect(cpuMs() - startMs).toBeLessThan(20_000);
});
