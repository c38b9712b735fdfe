import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readDocument } from './read-document.ts';

function problems(source: string): string[] {
  return readDocument(source).diagnostics.map(({ line, column, code }) => `${line}:${column} ${code}`);
}

function value(source: string) {
  expect(problems(source)).toEqual([]);
  return readDocument(source).document?.value;
}

describe('reads', () => {
  test('YAML 1.2 core: only true, false and null are keywords, and no number is in base 60 or 8 (B045)', () => {
    const words = 'a: no\nb: on\nc: true\nd: ~\ne: 0x1f\nf: 1_000\ng: 12:30:00\nh: 012\ni: 1e3\nj: 2026-01-01';
    expect(value(words)).toEqual({
      a: 'no',
      b: 'on',
      c: true,
      d: null,
      e: 31,
      f: '1_000',
      g: '12:30:00',
      h: 12,
      i: 1000,
      j: '2026-01-01',
    });
  });

  test('JSON, indented with tabs or not', () => {
    expect(value('{"a":[1,\n\t{"b":"\\u00e9\\ud83d\\ude00"}]}')).toEqual({ a: [1, { b: 'é😀' }] });
  });

  test('a byte order mark and any line ending (B047)', () => {
    expect(value('\uFEFFa: 1\r\nb:\r\n  - 2\r\n')).toEqual({ a: 1, b: [2] });
  });

  test('aliases as copies of the value; the latest anchor of a name wins', () => {
    expect(value('a: &x 1\nb: *x\nc: &x 2\nd: *x')).toEqual({ a: 1, b: 1, c: 2, d: 2 });
  });

  test('an empty text as null', () => {
    expect(value('')).toBeNull();
    expect(value('# only a comment')).toBeNull();
  });

  test('keys of objects in any form', () => {
    expect(value('1: a\ntrue: b\n"x y": c\n? d\n: e\n')).toEqual({ 1: 'a', true: 'b', 'x y': 'c', d: 'e' });
  });

  test('everything that JSON can contain', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (json) => {
        const text = JSON.stringify(json);
        if (text.includes('__proto__') || !text.isWellFormed()) return;
        expect(readDocument(text).document?.value).toEqual(JSON.parse(text));
      }),
    );
  });
});

test('numbers with too many digits to keep are reported once each; bounds and fractions may be approximate', () => {
  const inexact = (source: string) => readDocument(source).document?.inexactNumbers;
  expect(inexact('a: &a 12345678901234567890\nb: *a\nc: [-9007199254740993, 0x20000000000001]')).toEqual([
    '/a',
    '/c/0',
    '/c/1',
  ]);
  expect(
    inexact('a: 9007199254740991\nb: +0012\nc: 0.12345678901234567890\nd: 1e30\ne: "12345678901234567890"'),
  ).toEqual([]);
  expect(inexact('{"a": 12345678901234567890}')).toEqual(['/a']);
});

describe('refuses, with the position', () => {
  const cases: [string, string, string][] = [
    ['two documents', 'a: 1\n---\nb: 2', '2:1 multiple_documents'],
    ['tabs as indentation (B047)', 'a:\n\tb: 1', '2:1 tab_indentation'],
    ['NUL (B047)', 'a: 1\nb: \0', '2:4 control_character'],
    ['UTF-16 read as bytes (B047)', 'a\0:\0 \x001\0', '1:2 control_character'],
    ['a lone surrogate', 'a: \ud800', '1:1 invalid_encoding'],
    ['a list as a key', '? [a]\n: b', '1:3 invalid_key'],
    ['a bracket that is not closed', 'a: [1', '1:6 invalid_yaml'],
    ['a duplicate key (B044)', 'a: 1\nb: { c: 1, c: 2 }', '2:12 duplicate_key'],
    ['__proto__ (B044)', 'a:\n  __proto__: 1', '2:3 forbidden_key'],
    ['a merge key (B044)', 'a: { <<: { b: 1 } }', '1:6 merge_key'],
    ['a custom tag', 'a: !foo 1', '1:9 custom_tag'],
    ['a tag that runs code elsewhere (B044)', 'a: !!js/function "x"', '1:18 custom_tag'],
    ['binary (B044)', 'a: !!binary aGk=', '1:13 custom_tag'],
    ['an alias without anchor', 'a: *b\nb: &b 1', '1:4 unknown_alias'],
    ['an alias inside its anchor', 'a: &b [*b]', '1:8 cyclic_alias'],
    ['infinity', 'a: .inf', '1:4 invalid_number'],
    ['YAML 1.1', '%YAML 1.1\n---\na: yes', '3:1 yaml_version'],
  ];
  test.each(cases)('%s', (_, source, expected) => {
    expect(problems(source)).toEqual([expected]);
  });

  test('several problems at once', () => {
    expect(problems('a: 1\na: 2\nb: !x 1\nc: *d')).toEqual([
      '2:1 duplicate_key',
      '3:7 custom_tag',
      '4:4 unknown_alias',
    ]);
  });
});

describe('bounds', () => {
  test('size: 1 MiB of UTF-8', () => {
    expect(problems(`a: ${'x'.repeat(1024 * 1024)}`)).toEqual(['1:1 document_too_large']);
    expect(problems(`a: ${'é'.repeat(600 * 1024)}`)).toEqual(['1:1 document_too_large']);
  });

  test('depth: 64', () => {
    const nested = (depth: number) => `${'['.repeat(depth)}1${']'.repeat(depth)}`;
    expect(problems(nested(64))).toEqual([]);
    expect(problems(nested(65))).toEqual(['1:66 too_deep']);
    expect(readDocument(nested(100_000)).diagnostics[0]?.code).toBe('too_deep');
  });

  test.each(['a: ', '? ', '- - ', '{a: '])('depth inside one line: %j (B043)', (piece) => {
    expect(problems(piece.repeat(5000))[0]).toMatch(/too_deep|invalid_yaml/);
  });

  test('aliases: 50', () => {
    const list = (count: number) => `a: &a 1\nb: [${Array(count).fill('*a').join(', ')}]`;
    expect(problems(list(50))).toEqual([]);
    expect(readDocument(list(51)).diagnostics.map(({ code }) => code)).toEqual(['too_many_aliases']);
  });

  test('values, counted after aliases', () => {
    const levels = Array.from({ length: 8 }, (_, level) => {
      const inner = level === 0 ? '1' : `*l${level - 1}`;
      return `l${level}: &l${level} [${Array(7).fill(inner).join(', ')}]`;
    });
    expect(readDocument(levels.join('\n')).diagnostics.map(({ code }) => code)).toEqual(['too_many_values']);
  });

  // The parser's own duplicate check takes minutes for this document.
  test('a map of 20 000 keys is read', () => {
    const source = Array.from({ length: 20_000 }, (_, index) => `key${index}: v`).join('\n');
    expect(Object.keys(value(source) as object)).toHaveLength(20_000);
  });
});

describe('positions', () => {
  const source = [
    'a:',
    '  - plain text',
    "  - 'it''s'",
    '  - "quoted text"',
    '  - >-',
    '    folded',
    '    text',
    'b: { c: }',
  ].join('\n');
  const positions = readDocument(source).document?.positions;

  const cases: [string, number, string][] = [
    ['/a/0', 6, '2:11'],
    ['/a/2', 7, '4:13'],
    ['/a/1', 3, '3:5'],
    ['/a/3', 2, '5:5'],
    ['/b/c', 0, '8:9'],
    ['/b/c/missing/deeper', 0, '8:9'],
    ['/a/9', 0, '2:3'],
    ['', 0, '1:1'],
  ];
  test.each(cases)('of %s, character %i', (pointer, offset, expected) => {
    const position = positions?.ofValue(pointer, offset);
    expect(`${position?.line}:${position?.column}`).toBe(expected);
  });

  test.each<[string, string, string]>([
    ['a: |\n  one\n  two\n', 'two', '3:3'],
    ['a: |\n  one\n    two x\n', 'x', '3:9'],
    ['a: |+ # why\r\n\r\n  one\r\n\r\n  two\r\n\r\nb: 1', 'two', '5:3'],
    ['- &x !!str |2-\n    one\n  two', 'ne', '2:6'],
    ['- &x !!str |2-\n    one\n  two', 'two', '3:3'],
    ['- |\n one', 'one', '2:2'],
  ])('inside a block of lines: %j, %s', (source, part, expected) => {
    const { document } = readDocument(source);
    const value = Object.values(document?.value ?? {})[0] as string;
    const pointer = source.startsWith('-') ? '/0' : '/a';
    const position = document?.positions.ofValue(pointer, value.indexOf(part));
    expect(`${position?.line}:${position?.column}`).toBe(expected);
  });

  test('of a key', () => {
    expect(positions?.ofKey('/b')).toEqual({ line: 8, column: 1 });
  });
});

test('any text is read or refused', () => {
  const part = fc.constantFrom(
    'a: ',
    '- ',
    '[',
    ']',
    '{',
    '}',
    '&a ',
    '*a',
    '!t ',
    '"',
    "'",
    '\n',
    '  ',
    '|',
    '>',
    '#',
    '?',
    ':',
    '%',
    '---',
    '<<: ',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(part, { maxLength: 30 }).map((all) => all.join('')),
      ),
      (source) => {
        const { document, diagnostics } = readDocument(source);
        expect(document !== undefined || diagnostics.length > 0).toBe(true);
        for (const { line, column } of diagnostics) expect(Math.min(line, column)).toBeGreaterThanOrEqual(1);
      },
    ),
  );
});
