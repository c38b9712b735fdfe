import { describe, expect, test } from '@jest/globals';
import type { Json, Query, Replacement, Template } from '@toolplane/contracts';
import { exampleBudget } from './budget.example.ts';
import type { Budget } from './budget.ts';
import { compileTemplate } from './compile-template.ts';
import { ExpressionError } from './expression-error.ts';
import { exampleScope } from './scope.example.ts';

const input = (...names: string[]): { kind: 'reference'; path: string[] } => ({
  kind: 'reference',
  path: ['inputs', ...names],
});
const literal = (value: Json): Template => ({ kind: 'literal', value });
const query = (language: Query['language'], text: string): Query => ({ language, text });

function evaluate(template: Template, inputs: { [name: string]: Json } = {}): Json | undefined {
  return compileTemplate(template)(exampleScope(inputs), exampleBudget());
}

describe('a strict text', () => {
  const strict = (...parts: (string | { path: string[] })[]): Template => ({ kind: 'text', parts, strict: true });

  test.each<[Json, string]>([
    [null, 'a=null'],
    [true, 'a=true'],
    [5, 'a=5'],
    ['x"y', 'a=x"y'],
    [{ k: [1, 'x'] }, 'a={"k":[1,"x"]}'],
  ])('writes %j as %s', (value, expected) => {
    expect(evaluate(strict('a=', input('value')), { value })).toBe(expected);
  });

  test('cannot be built from a missing value', () => {
    expect(() => evaluate(strict('a=', input('gone')))).toThrow(expect.objectContaining({ code: 'expression_failed' }));
  });

  test.each([
    ['$inputs.gone', ['inputs', 'gone']],
    ['$inputs.items#/0/a~1b', ['inputs', 'items', '0', 'a/b']],
    ['$steps.create_diff.outputs.gone', ['steps', 'create_diff', 'outputs', 'gone']],
    ['$steps.create_diff.outputs.id#/x', ['steps', 'create_diff', 'outputs', 'id', 'x']],
    ['$response.body#/users/9', ['response', 'body', 'users', '9']],
    ['$response.header.x-gone', ['response', 'headers', 'x-gone']],
    ['$request.query.gone', ['request', 'query', 'gone']],
    ['$outputs.gone', ['child', 'gone']],
    ['$workflows.*.outputs.gone', ['workflows', '0', 'outputs', 'gone']],
    ['$secrets.GONE', ['secrets', 'GONE']],
  ])('names the expression that has none: %s', (text, path) => {
    expect(() => evaluate(strict('a=', { path }))).toThrow(`\`${text}\` has no value`);
  });
});

describe('a value is escaped for the place of the text', () => {
  const text = (where: 'xml' | 'form'): Template => ({
    kind: 'text',
    parts: ['<a b="', input('value'), '"/>'],
    escape: where,
  });

  test('in XML', () => {
    expect(evaluate(text('xml'), { value: `<&>"'` })).toBe('<a b="&lt;&amp;&gt;&quot;&apos;"/>');
    expect(evaluate(text('xml'), { value: { a: 1 } })).toBe('<a b="{&quot;a&quot;:1}"/>');
  });

  test('in a form', () => {
    expect(evaluate(text('form'), { value: "a&b=c d+é%/~'" })).toBe('<a b="a%26b%3Dc+d%2B%C3%A9%25%2F%7E%27"/>');
  });
});

describe('a map that is sparse', () => {
  const entries: [string, Template][] = [
    ['gone', input('gone')],
    ['nothing', input('nothing')],
    ['city', input('city')],
  ];

  test('leaves out what is absent, and keeps null', () => {
    expect(evaluate({ kind: 'map', entries, sparse: true })).toEqual({ nothing: null, city: 'Marseille' });
  });

  test('is itself absent, where this is possible, if nothing is left in it', () => {
    const nothing: Template = { kind: 'reference', path: ['inputs', 'nothing', 'at', 'all'] };
    const inside: Template = { kind: 'map', entries: [['a', nothing]], sparse: true, canBeAbsent: true };
    expect(evaluate(inside)).toBeUndefined();
    expect(evaluate({ kind: 'map', entries: [['b', inside]], sparse: true })).toEqual({});
    expect(evaluate({ ...inside, entries: [['a', { kind: 'literal', value: null }]] })).toEqual({ a: null });
  });

  test('and any other map has null instead', () => {
    expect(evaluate({ kind: 'map', entries })).toEqual({ gone: null, nothing: null, city: 'Marseille' });
  });
});

test('base64 encodes the text in UTF-8; the base64 of an absent value is absent', () => {
  const of = (template: Template): Template => ({ kind: 'base64', of: template });
  expect(evaluate(of({ kind: 'text', parts: [input('city'), ':é'] }))).toBe(
    Buffer.from('Marseille:é').toString('base64'),
  );
  expect(evaluate(of(input('gone')))).toBeUndefined();
  expect(evaluate(of(input('nothing')))).toBeUndefined();
});

describe('a selector', () => {
  const select = (from: Template, language: Query['language'], text: string): Template => ({
    kind: 'select',
    from,
    query: query(language, text),
  });
  const order = { lines: [{ id: 1 }, { id: 2 }], note: null, tags: [['a', 'b']] };
  const xml = '<order><id>1</id><id>2</id></order>';

  test.each<[Query['language'], string, Json, Json | undefined]>([
    ['jsonpath', '$.gone', order, undefined],
    ['jsonpath', '$.lines[0].id', order, 1],
    ['jsonpath', '$.lines[*].id', order, [1, 2]],
    ['jsonpath', '$.note', order, null],
    ['jsonpath', '$.tags[*]', order, ['a', 'b']],
    ['jsonpointer', '/lines/1', order, { id: 2 }],
    ['jsonpointer', '/lines/-', order, undefined],
    ['jsonpointer', '/note', order, null],
    ['xpath', '//id', xml, ['1', '2']],
    ['xpath', '//id[2]', xml, '2'],
    ['xpath', 'count(//id)', xml, 2],
    ['xpath', '//gone', xml, undefined],
    ['xpath', '/', 'no xml', undefined],
    ['xpath', '/', order, undefined],
    ['jsonpath', '$', null, undefined],
  ])('%s %s', (language, text, value, expected) => {
    expect(evaluate(select(input('value'), language, text), { value })).toEqual(expected);
  });

  test('on an absent value is absent', () => {
    expect(evaluate(select(input('gone'), 'jsonpath', '$'))).toBeUndefined();
  });

  test('is applied to the result of any template', () => {
    const from: Template = { kind: 'map', entries: [['a', { kind: 'list', items: [input('city')] }]] };
    expect(evaluate(select(from, 'jsonpointer', '/a/0'))).toBe('Marseille');
  });

  test('is charged once for its result, and not for what it searches', () => {
    const seen: Json[] = [];
    const budget: Budget = {
      ...exampleBudget(),
      admit(value) {
        seen.push(value);
        return 'admitted';
      },
    };
    const template = select(input('items'), 'jsonpath', '$[0].name');
    expect(compileTemplate(template)(exampleScope(), budget)).toBe('admitted');
    expect(seen).toEqual(['a']);
  });
});

describe('replacements', () => {
  const at = (text: string, value: Template, language: Query['language'] = 'jsonpointer'): Replacement => ({
    at: query(language, text),
    value,
  });
  const replace = (template: Template, replacements: Replacement[], strict?: true): Template => ({
    kind: 'replace',
    in: template,
    replacements,
    ...(strict === undefined ? {} : { strict }),
  });

  test('are applied one after the other, after the expressions of the payload', () => {
    const payload: Template = {
      kind: 'map',
      entries: [
        ['city', input('city')],
        ['list', literal([])],
      ],
    };
    const template = replace(payload, [
      at('/list/-', input('city')),
      at('/list/-', literal({ a: 1 })),
      at('$.list[1].a', literal(2), 'jsonpath'),
      at('/city', literal('Lyon')),
    ]);
    expect(evaluate(template)).toEqual({ city: 'Lyon', list: ['Marseille', { a: 2 }] });
  });

  test('change neither inputs nor literals nor each other', () => {
    const order = { a: { b: 1 } };
    const shared = literal({ x: { y: 1 } });
    const template = replace(input('order'), [
      at('/a/b', input('order')),
      at('/a/b/a', literal(2)),
      at('/c', shared),
      at('/c/x/y', literal(3)),
    ]);
    const compiled = compileTemplate(template);
    const expected = { a: { b: { a: 2 } }, c: { x: { y: 3 } } };
    expect(compiled(exampleScope({ order }), exampleBudget())).toEqual(expected);
    expect(compiled(exampleScope({ order }), exampleBudget())).toEqual(expected);
    expect(order).toEqual({ a: { b: 1 } });
    expect(shared).toEqual(literal({ x: { y: 1 } }));
  });

  test('of the same value at several places stay separate', () => {
    const template = replace(literal([0, 0]), [at('$[*]', literal({ a: 1 }), 'jsonpath'), at('/0/a', literal(2))]);
    expect(evaluate(template)).toEqual([{ a: 2 }, { a: 1 }]);
  });

  test('have values of any type', () => {
    const value: Template = { kind: 'list', items: [literal(null), input('delta'), literal({ a: true })] };
    expect(evaluate(replace(literal({ a: 0 }), [at('/a', value)]))).toEqual({ a: [null, -3, { a: true }] });
  });

  test('leave a place unchanged if they name nothing', () => {
    expect(evaluate(replace(literal({ a: 0 }), [at('/a', input('gone'))]))).toEqual({ a: 0 });
    expect(evaluate(replace(literal({ a: 0 }), [at('/a', input('nothing'))]))).toEqual({ a: null });
  });

  test('are applied in JSON text and in XML', () => {
    expect(evaluate(replace(literal(' {"a": 1}'), [at('/a', literal(2)), at('/b', literal(3))]))).toEqual({
      a: 2,
      b: 3,
    });
    expect(evaluate(replace(literal('<a><b/></a>'), [at('//b', input('city'), 'xpath')]))).toBe(
      '<a><b>Marseille</b></a>',
    );
  });

  test.each<[string, Json, Replacement]>([
    ['a missing place', {}, at('/a/b', literal(1))],
    ['a JSONPath without a match', {}, at('$.a', literal(1), 'jsonpath')],
    ['a text that is not JSON', '{nothing', at('/a', literal(1))],
    ['XPath in an object', {}, at('//a', literal(1), 'xpath')],
    ['no payload', null, at('/a', literal(1))],
  ])('fail for %s', (_name, payload, replacement) => {
    expect(() => evaluate(replace(literal(payload), [replacement]))).toThrow(ExpressionError);
  });

  test('that are strict add nothing', () => {
    expect(evaluate(replace(literal({ a: 1 }), [at('/a', literal(2))], true))).toEqual({ a: 2 });
    expect(() => evaluate(replace(literal({ a: 1 }), [at('/b', literal(2))], true))).toThrow(ExpressionError);
  });

  test('charge the values of a payload and of its replacements once each', () => {
    const seen: Json[] = [];
    const budget: Budget = {
      ...exampleBudget(),
      admit(value) {
        seen.push(value);
        return value;
      },
    };
    const payload: Template = { kind: 'map', entries: [['city', input('city')]] };
    compileTemplate(replace(payload, [at('/delta', input('delta'))]))(exampleScope(), budget);
    expect(seen).toEqual(['Marseille', -3]);
  });

  test('are bounded: a copy of a large value is charged', () => {
    const items = Array(100_000).fill('text');
    const template = replace(input('items'), [at('/0', literal(1))]);
    expect(() => compileTemplate(template)(exampleScope({ items }), exampleBudget(1000))).toThrow(
      'the budget is used up',
    );
  });
});
