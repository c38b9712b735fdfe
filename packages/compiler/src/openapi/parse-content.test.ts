import { describe, expect, test } from '@jest/globals';
import { cpuMs } from '@toolplane/loopback/cpu-time';
import { parseContent } from './parse-content.ts';

function problem(text: string): string {
  const content = parseContent(text);
  return 'problem' in content ? `${content.problem.code}: ${content.problem.message}` : 'none';
}

describe('reads', () => {
  test.each([
    ['JSON', '{"a": [1, null]}'],
    ['JSON with a byte order mark', '\uFEFF{"a": [1, null]}'],
    ['YAML', 'a:\n  - 1\n  - ~\n'],
    ['YAML that looks like JSON', '{a: [1, ~]}'],
  ])('%s', (_, text) => {
    expect(parseContent(text)).toMatchObject({ value: { a: [1, null] } });
  });

  test('the anchors of generated documents', () => {
    const text = ['a: &one {b: 1}', ...Array.from({ length: 500 }, (_, index) => `k${index}: *one`)].join('\n');
    expect(problem(text)).toBe('none');
  });
});

describe('refuses', () => {
  test.each([
    ['a duplicate key, with its line', 'a: 1\na: 2', 'duplicate_key: Duplicate key "a" (line 2, column 1)'],
    ['unclosed JSON', '{"a": 1', 'invalid_yaml'],
    ['a key that could change other objects', '{"a": {"__proto__": {}}}', 'forbidden_key'],
    ['half a character', '{"a": "\\ud800"}', 'invalid_encoding'],
    ['half a character in a key', '{"\\ud800": 1}', 'invalid_encoding'],
    ['65 levels of JSON', `${'['.repeat(66)}${']'.repeat(66)}`, 'too_deep: It nests more than 64 levels'],
    ['100 000 levels of JSON', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'too_deep'],
    ['100 000 levels of YAML', `a: ${'['.repeat(100_000)}`, 'too_deep'],
    ['more than 5 MiB', `a: ${'x'.repeat(5 * 1024 ** 2)}`, 'document_too_large: It is larger than 5 MiB'],
    ['aliases that expand to millions of values', bomb(), 'too_many_values'],
  ])('%s', (_, text, expected) => {
    const start = cpuMs();
    expect(problem(text)).toContain(expected);
    expect(cpuMs() - start).toBeLessThan(6000);
  });

  test('large JSON with a mistake, quickly', () => {
    const long = '1,'.repeat(300_000);
    expect(problem(`{"a": [${long}1], b}`)).toMatch(/^invalid_json: It is not valid JSON \(line 1, column 6\d+\)$/);
    expect(problem(`{"a": [${long}\nx]}`)).toBe('invalid_json: It is not valid JSON');
  });
});

function bomb(): string {
  const levels = Array.from({ length: 9 }, (_, level) => {
    const inside = level === 0 ? '"x"' : `*a${level - 1}`;
    return `a${level}: &a${level} [${Array(9).fill(inside).join(', ')}]`;
  });
  return levels.join('\n');
}
