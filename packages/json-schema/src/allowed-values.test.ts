import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from '@toolplane/contracts';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { compileJsonSchema } from './compile-json-schema.ts';
import { toMembership } from './equality.ts';
import { WorkBudget } from './work.ts';

const isValid = (schema: JsonObject, value: Json) => compileJsonSchema(schema)(value).ok;

// There are few names and scalars, so that many of the values are equal or almost equal.
const names = fc.constantFrom('a', 'b', '1', '"', ':', 'ä');
const scalars = fc.constantFrom<Json[]>(
  null,
  true,
  false,
  0,
  -0,
  1,
  1.5,
  1e21,
  '',
  '1',
  '1.5',
  'null',
  'true',
  '=1',
  '[]',
);
const { value: values } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    scalars,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(names, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ) as fc.Arbitrary<Json>,
}));
const allowedValues = fc.array(values, { minLength: 1, maxLength: 40 });

/** Returns the same value with the properties of each object in the opposite order. */
function reverse(value: Json): Json {
  if (Array.isArray(value)) return value.map(reverse);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reverse(member)]),
  );
}

describe('an enum and a const', () => {
  test('accept what the library considers equal', () => {
    const library = new Ajv2020({ strict: false, meta: false, validateSchema: false });
    fc.assert(
      fc.property(allowedValues, values, fc.nat(), (allowed, other, index) => {
        const one = allowed[index % allowed.length] as Json;
        for (const schema of [{ enum: allowed }, { const: one }]) {
          const holds = library.compile(schema);
          for (const value of [one, reverse(one), other]) expect(isValid(schema, value)).toBe(holds(value));
          library.removeSchema(schema);
        }
      }),
    );
  });

  test.each<[Json, Json]>([
    [1, JSON.parse('1.0')],
    [0, -0],
    [
      { a: [1], b: null },
      { b: null, a: [1] },
    ],
    [
      { valueOf: 1, toString: { constructor: {} } },
      { toString: { constructor: {} }, valueOf: 1 },
    ],
  ])('%j is %j', (allowed, value) => {
    expect(isValid({ enum: [allowed] }, value)).toBe(true);
    expect(isValid({ const: allowed }, value)).toBe(true);
  });

  test.each<[Json, Json]>([
    [1, '1'],
    [null, 'null'],
    [null, JSON.parse('1e400')],
    [['a,b'], ['a', 'b']],
    [{ a: 1 }, { a: 1, b: 1 }],
    [{ valueOf: 1 }, { valueOf: 2 }],
    [{}, []],
    [[], ''],
  ])('%j is not %j', (allowed, value) => {
    expect(isValid({ enum: [allowed] }, value)).toBe(false);
    expect(isValid({ const: allowed }, value)).toBe(false);
    expect(isValid({ uniqueItems: true }, [allowed, value])).toBe(true);
  });

  test('describe allowed values in the same way, few or many', () => {
    const allowed = Array.from({ length: 30_000 }, (_, index) => `value-${index}`);
    const message = (count: number) => {
      const validated = compileJsonSchema({ enum: allowed.slice(0, count) })('canary');
      return validated.ok ? undefined : validated.violations;
    };
    const prefix = 'must be equal to one of the allowed values: ';
    expect(message(2)).toEqual([{ path: '', rule: 'enum', message: `${prefix}["value-0","value-1"]` }]);
    const text = `${prefix}${JSON.stringify(allowed).slice(0, 512)}`;
    expect(message(30_000)).toEqual([{ path: '', rule: 'enum', message: text }]);
  });

  test('check a value at the same cost with ten allowed values and with 30,000', () => {
    const cost = (count: number) => {
      const work = new WorkBudget();
      const before = work.unitsLeft;
      expect(
        toMembership(
          Array.from({ length: count }, (_, index) => `value-${index}`),
          work,
        )('value-9'),
      ).toBe(true);
      return before - work.unitsLeft;
    };
    expect(cost(30_000)).toBe(cost(10));
  });
});

describe('a choice of constants', () => {
  const titled = [
    { const: 'EUR', title: 'Euro' },
    { const: 'CHF', type: 'string', description: 'Swiss franc', 'x-order': 2 },
    { type: 'null' },
  ];

  test.each(['anyOf', 'oneOf'])('%s describes the allowed values, as an enum does', (keyword) => {
    const schema = { properties: { currency: { [keyword]: titled } } };
    for (const currency of ['EUR', 'CHF', null]) expect(isValid(schema, { currency })).toBe(true);
    expect(compileJsonSchema(schema)({ currency: 'USD' })).toEqual({
      ok: false,
      violations: [
        {
          path: '/currency',
          rule: 'enum',
          message: 'must be equal to one of the allowed values: ["EUR","CHF",null]',
        },
      ],
    });
  });

  test.each<[string, JsonObject, Json, boolean]>([
    ['two equal ones, so that not exactly one fits', { oneOf: [{ const: 1 }, { const: 1 }] }, 1, false],
    ['two equal ones, of which any may fit', { anyOf: [{ const: 1 }, { const: 1 }] }, 1, true],
    ['more than a constant', { anyOf: [{ const: 'ab', maxLength: 1 }, { const: 'b' }] }, 'ab', false],
    ['a constant of another type', { anyOf: [{ const: 1, type: 'string' }, { const: 2 }] }, 1, false],
    ['an enum beside it', { enum: [1, 2], anyOf: [{ const: 2 }, { const: 3 }] }, 3, false],
    ['both choices', { anyOf: [{ const: 1 }, { const: 2 }], oneOf: [{ const: 2 }, { const: 3 }] }, 1, false],
    ['another keyword beside it', { anyOf: [{ const: 1 }, { const: 2 }], minimum: 2 }, 1, false],
    [
      'a reference into it',
      { properties: { a: { anyOf: [{ const: 1 }, { const: 2 }] }, b: { $ref: '#/properties/a/anyOf/1' } } },
      { b: 1 },
      false,
    ],
    ['any value', { anyOf: [true, { const: 1 }] }, 2, true],
  ])('with %s', (_name, schema, value, expected) => {
    expect(isValid(schema, value)).toBe(expected);
  });
});
