import { describe, expect, test } from '@jest/globals';
import type { Json } from '@toolplane/contracts';
import fc from 'fast-check';
import { exampleBudget } from '../budget.example.ts';
import { compileTemplate } from '../compile-template.ts';
import { ExpressionError } from '../expression-error.ts';
import { exampleScope } from '../scope.example.ts';
import { exampleHooks } from './hooks.example.ts';
import { parseJsonTemplate } from './parse-json-template.ts';

function evaluate(text: string, inputs: { [name: string]: Json } = {}): Json | undefined {
  const template = parseJsonTemplate(text, exampleHooks().hooks);
  if (template === undefined) throw new Error(`no JSON: ${text}`);
  return compileTemplate(template)(exampleScope(inputs), exampleBudget());
}

function reported(text: string): { isJson: boolean; errors: string[]; warnings: string[] } {
  const { hooks, errors, warnings } = exampleHooks();
  return { isJson: parseJsonTemplate(text, hooks) !== undefined, errors, warnings };
}

describe('a JSON template', () => {
  const cases: [string, string, Json][] = [
    [
      'one expression in quotes keeps its type',
      '{"p": "{$inputs.items}", "n": "{$inputs.delta}"}',
      { p: [{ name: 'a' }, { name: 'b' }], n: -3 },
    ],
    [
      'one outside quotes too',
      '{"p": {$inputs.items}, "l": [{$inputs.delta},{$inputs.nothing}]}',
      { p: [{ name: 'a' }, { name: 'b' }], l: [-3, null] },
    ],
    ['others are part of their text', '{"t": "a {$inputs.city} {$inputs.delta}{$method}"}', { t: 'a Marseille -3GET' }],
    ['the whole may be one expression', ' {$inputs.items}\n', [{ name: 'a' }, { name: 'b' }]],
    ['or a bare one', ' $inputs.items\n', [{ name: 'a' }, { name: 'b' }]],
    ['a bare one in quotes is taken as well', '{"t": "$inputs.delta"}', { t: -3 }],
    ['other braces stay', '{"t": "{x} {$y} {{$method}}"}', { t: '{x} {$y} {GET}' }],
    ['keys stay', '{"{x}": 1, "$method": 2}', { '{x}': 1, $method: 2 }],
    [
      'escapes are those of JSON',
      '{"t": "\\"{$method}\\" \\u0041", "p": "{$inputs#/a\\"}"}',
      { t: '"GET" A', p: '{$inputs#/a"}' },
    ],
    ['an expression is unescaped first', '{"t": "{$response.body#\\/users\\/0\\/name}"}', { t: 'Alice' }],
    ['a literal of the document keeps its type', '{"l": {$sourceDescriptions.s.x-list}}', { l: [1, null] }],
    ['scalars', '5', 5],
    ['characters for private use stay', '{"\\ue000": "\ue001{$method}\\uE002"}', { '\ue000': '\ue001GET\ue002' }],
  ];
  test.each(cases)('%s', (_, text, expected) => {
    expect(evaluate(text)).toEqual(expected);
  });

  test('an absent value leaves out its member, and is an error inside a text', () => {
    expect(evaluate('{"a": "{$inputs.nope}", "b": {"c": {$inputs.nope}}}')).toEqual({ b: {} });
    expect(() => evaluate('{"a": "x{$inputs.nope}"}')).toThrow(ExpressionError);
  });

  test('no value can end a string or add a member', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.constantFrom('", "admin": true, "x": "', '{$secrets.API_KEY}', '\ue0000\ue000')),
        (v) => {
          expect(evaluate('{"a": "{$inputs.v}", "b": {$inputs.v}, "c": "x{$inputs.v}"}', { v })).toEqual({
            a: v,
            b: v,
            c: `x${v}`,
          });
        },
      ),
    );
  });
});

test.each([
  '{"a": "{$method}" "b": 1}',
  '<a>{$method}</a>',
  'name={$method}',
  '{"a": 1{$method}}',
  '"{$method',
  '',
  '{"a": "{$method}\n"}',
])('%s is not JSON, whatever the values are', (text) => {
  expect(reported(text).isJson).toBe(false);
});

describe('errors', () => {
  test('report what the document does not allow, at its offset', () => {
    expect(reported('{"a": "x {$steps.unknown.outputs.y}", "b": {$secrets.X}}')).toEqual({
      isJson: true,
      errors: [':17 There is no step "unknown"', ':44 $secrets is not allowed here'],
      warnings: [],
    });
  });

  test('report an expression in a key', () => {
    expect(reported('{"{$method}": 1}').errors).toEqual([expect.stringContaining('key')]);
    expect(reported('{ {$method}: 1}').errors).toEqual([expect.stringContaining('key')]);
  });

  test('report prototype names as keys', () => {
    expect(reported('{"a": {"__proto__": "{$method}"}}').errors).toEqual([expect.stringContaining('/a/__proto__')]);
  });

  test('report a key that occurs twice in one object', () => {
    expect(reported('{"a": {$method}, "b": {"a": 1}, "\\u0061": 2}').errors).toEqual([
      expect.stringContaining('Duplicate key "a"'),
    ]);
    expect(reported('[{"a": "}:{"}, {"a": {"a": [{"a": 1}]}}]').errors).toEqual([]);
  });

  test('report a probable expression that stays text', () => {
    const { isJson, warnings } = reported('{"a": "x {$input.a}", "b": "${inputs.b}", "c": "{$foo}"}');
    expect(isJson).toBe(true);
    expect(warnings).toEqual([
      expect.stringContaining(':10 Stays plain text, including the braces: did you mean "$inputs"?'),
      expect.stringContaining('Stays plain text, including the braces: An expression must begin'),
      expect.stringContaining(':28 Stays plain text: the $'),
    ]);
    expect(reported('{"a": {$input.a}}')).toMatchObject({
      isJson: false,
      warnings: [expect.stringContaining('did you')],
    });
  });

  test('give the compiler the position of each expression', () => {
    const { hooks } = exampleHooks();
    const offsets: string[] = [];
    const text = '{"$url": "x {$url}", "b": "$url", "c": {$method}, "d": "{$m\\u0065thod}"}';
    parseJsonTemplate(text, {
      ...hooks,
      resolve(_, { pointer, offset }) {
        offsets.push(`${pointer}:${offset}`);
        return { value: null };
      },
    });
    const offsetOf = (part: string) => `:${text.indexOf(part) + part.indexOf('$')}`;
    expect(offsets.toSorted()).toEqual(
      [offsetOf('x {$url'), offsetOf('"$url", "c'), offsetOf('{$method'), offsetOf('{$m\\u')].toSorted(),
    );
  });

  test('report more depth than a document may have', () => {
    expect(reported(`${'['.repeat(100_000)}${']'.repeat(100_000)}`).errors).toEqual([
      expect.stringContaining('64 levels'),
    ]);
  });

  test('warn that a number that would be rounded becomes text', () => {
    expect(evaluate('{"id": 12345678901234567890}')).toEqual({ id: '12345678901234567890' });
    expect(reported('{"id": 12345678901234567890}').warnings).toHaveLength(1);
  });
});

test('parsing reports problems and never throws', () => {
  const fragment = fc.constantFrom(
    '{',
    '}',
    '"',
    '"a":',
    '{$method}',
    '{$',
    '$inputs.a',
    '[',
    ']',
    ',',
    '\\',
    '1',
    '\\u00',
    '\ue000',
  );
  fc.assert(
    fc.property(fc.array(fragment, { maxLength: 14 }), (fragments) => {
      reported(fragments.join(''));
    }),
  );
});

test('a megabyte is read in linear time', () => {
  const startMs = performance.now();
  reported(`"${'{$'.repeat(500_000)}"`);
  reported(`"{$${'a'.repeat(1_000_000)}"`);
  reported('"'.repeat(1_000_000));
  expect(performance.now() - startMs).toBeLessThan(15_000);
});
