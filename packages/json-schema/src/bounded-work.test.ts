import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from '@toolplane/contracts';
import { compileJsonSchema } from './compile-json-schema.ts';

const list = <Item>(length: number, create: (index: number) => Item): Item[] =>
  Array.from({ length }, (_, index) => create(index));
const members = (count: number, create: (index: number) => Json, name = 'p'): JsonObject =>
  Object.fromEntries(list(count, (index) => [`${name}${index}`, create(index)]));
const nested = (depth: number, inside: JsonObject): JsonObject =>
  depth === 0 ? inside : { items: nested(depth - 1, inside) };

describe('a check that takes too much work is stopped (T17)', () => {
  const branches = list(200, (index) => ({ type: 'object', required: [`p${index}`] }));
  const last = { p199: 1 };
  const objects = list(20_000, () => last);
  const many = members(50_000, () => last);
  const cases: [string, JsonObject, Json][] = [
    ['branches, for each item', { items: { anyOf: branches } }, objects],
    ['branches of which one may fit', { items: { oneOf: branches } }, objects],
    ['branches, for items of items', nested(3, { anyOf: branches }), [[objects]]],
    ['schemas that hold together', { items: { allOf: list(200, () => ({ minProperties: 1 })) } }, objects],
    ['what must not fit', { items: { not: { anyOf: branches } } }, list(20_000, () => ({ other: 1 }))],
    ['what an item is looked for', { contains: { anyOf: branches } }, list(20_000, () => ({ other: 1 }))],
    ['properties without a name', { additionalProperties: { anyOf: branches } }, many],
    ['names', { propertyNames: { anyOf: list(200, (index) => ({ minLength: 200 - index })) } }, many],
    ['properties, in each branch', { anyOf: list(50, () => ({ additionalProperties: { type: 'null' } })) }, many],
    ['patterns for all properties', { patternProperties: members(50, () => ({}), '^x') }, many],
    ['what depends', { items: { dependentSchemas: { p199: { oneOf: branches } } } }, objects],
    ['properties left over', { allOf: list(50, () => ({ unevaluatedProperties: { type: 'object' } })) }, many],
    ['items left over', { allOf: list(200, () => ({ unevaluatedItems: { type: 'object' } })) }, objects],
    ['what is required', { items: { not: { required: list(2000, (index) => `q${index}`) } } }, objects],
    [
      'recursion',
      { anyOf: [{ type: 'array', items: { $ref: '#' } }, ...branches] },
      list(200, () => list(200, () => last)),
    ],
    ['the length of a long text', { allOf: list(200, () => ({ maxLength: 1e6 })) }, 'a'.repeat(1e6)],
    ['distinct items', { allOf: list(20, () => ({ uniqueItems: true })) }, list(50_000, Number)],
    [
      'constants of many parts',
      { items: { anyOf: list(50, (index) => ({ const: { p: [index] } })) } },
      list(20_000, () => ({ p: [49] })),
    ],
    ['long numbers', { items: { allOf: list(50, () => ({ multipleOf: 1e-300 })) } }, list(20_000, () => 1e300)],
    ['defaults', { items: { properties: { a: { default: list(1000, Number) } } } }, list(20_000, () => ({}))],
  ];
  test.each(cases)('%s', (_name, schema, value) => {
    const gaveUp = { path: '', rule: 'work', message: 'must not require so much work to check' };
    expect(compileJsonSchema(schema)(value)).toEqual({ ok: false, violations: [gaveUp], isUndecided: true });
  });
});

const anyJson = {
  type: ['string', 'number', 'boolean', 'null', 'array', 'object'],
  items: { $ref: '#' },
};

describe('large values of real tools', () => {
  const row = {
    type: 'object',
    properties: {
      id: { type: 'integer', minimum: 1 },
      name: { type: 'string', maxLength: 100 },
      price: { anyOf: [{ type: 'number', multipleOf: 0.01 }, { type: 'null' }] },
      country: { enum: list(250, (index) => `C${index}`) },
      tags: { type: 'array', items: { type: 'string' }, uniqueItems: true },
    },
    required: ['id', 'name'],
    additionalProperties: false,
  };
  const kinds = list(8, (index) => ({
    type: 'object',
    properties: { kind: { const: `k${index}` }, text: { type: ['string', 'null'] } },
    required: ['kind'],
  }));
  const cases: [string, JsonObject, Json][] = [
    [
      '20,000 rows',
      { items: row },
      list(20_000, (id) => ({ id: id + 1, name: 'x', price: id / 100, country: 'C249', tags: ['a'] })),
    ],
    ['199,999 numbers', { items: { type: 'integer', minimum: 0 } }, list(199_999, Number)],
    ['199,999 distinct numbers', { uniqueItems: true }, list(199_999, Number)],
    ['199,999 countries', { items: { enum: row.properties.country.enum } }, list(199_999, () => 'C249')],
    [
      '199,999 of 30,000 allowed values',
      { items: { enum: list(30_000, (index) => `value-${index}`) } },
      list(199_999, () => 'value-29999'),
    ],
    [
      '199,999 constants of a choice of 900',
      { items: { oneOf: list(900, (index) => ({ const: index, title: 'x' })) } },
      list(199_999, () => 899),
    ],
    [
      '20,000 objects of one of eight kinds',
      { items: { anyOf: kinds } },
      list(20_000, () => ({ kind: 'k7', text: null })),
    ],
    ['a map of 100,000', { additionalProperties: { type: 'string' } }, members(100_000, String)],
    ['any JSON of 66,666 nodes', anyJson, list(33_333, () => [1])],
    [
      'a file of a megabyte',
      { properties: { file: { type: 'string', minLength: 1, maxLength: 2_000_000 } } },
      { file: 'a'.repeat(1_000_000) },
    ],
  ];
  test.each(cases)('%s', (_name, schema, value) => {
    expect(compileJsonSchema(schema)(value).ok).toBe(true);
  });
});

test('many violations are found, except those that take too much work to find', () => {
  const choice = list(200, (index) => ({ type: 'object', required: [`p${index}`] }));
  const validated = compileJsonSchema({ items: { anyOf: choice } })(list(900, () => 'text'));
  expect(validated).toEqual({
    ok: false,
    violations: [{ path: '/0', rule: 'anyOf', message: 'must match a schema in anyOf' }],
  });
});

test('each check has the whole budget', () => {
  const validate = compileJsonSchema({ items: { enum: list(900, String) } });
  const value = list(199_999, () => '899');
  for (let turn = 0; turn < 5; turn += 1) expect(validate(value).ok).toBe(true);
});
