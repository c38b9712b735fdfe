import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from '@toolplane/contracts';
import { compileJsonSchema } from './compile-json-schema.ts';
import { JsonSchemaError } from './json-schema-error.ts';
import { toDialect } from './to-dialect.ts';

function violations(schema: JsonObject, value: Json) {
  const result = compileJsonSchema(schema)(value);
  return result.ok ? [] : result.violations;
}

function refusal(schema: JsonObject): JsonSchemaError {
  try {
    compileJsonSchema(schema);
  } catch (thrown) {
    if (thrown instanceof JsonSchemaError) return thrown;
    throw thrown;
  }
  throw new Error('the schema was accepted');
}

function nest(depth: number): JsonObject {
  let schema: JsonObject = { type: 'string' };
  for (let level = 0; level < depth; level += 1) schema = { properties: { a: schema } };
  return schema;
}

describe('validation', () => {
  const schema = {
    type: 'object',
    properties: {
      city: { type: 'string', minLength: 1, example: 'Lyon', 'x-note': 'unknown keywords do no harm' },
      days: { type: 'integer', default: 3 },
      place: { type: 'object', properties: { lat: { type: 'number', default: 0 } } },
      mail: { type: 'string', format: 'email' },
    },
    required: ['city'],
    additionalProperties: false,
  };

  test('applies defaults at every level to a copy', () => {
    const value = { city: 'Lyon', place: {} };
    expect(compileJsonSchema(schema)(value)).toEqual({ ok: true, value: { city: 'Lyon', days: 3, place: { lat: 0 } } });
    expect(value).toEqual({ city: 'Lyon', place: {} });
  });

  test('fills in no default of a branch, long or short', () => {
    const properties = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`p${index}`, { default: 1 }]));
    const $defs = { long: { properties, required: ['none'] }, short: { maxProperties: 1 } };
    const schema = { $defs, anyOf: [{ $ref: '#/$defs/long' }, { $ref: '#/$defs/short' }] };
    expect(compileJsonSchema(schema)({ p0: 0 })).toEqual({ ok: true, value: { p0: 0 } });
  });

  test('lists every violation with path and rule, never a value', () => {
    const found = violations(schema, { days: 'canary-value', extra: 'canary-value', place: 5 });
    expect(found.map(({ path, rule }) => `${path} ${rule}`).sort()).toEqual([
      ' additionalProperties',
      ' required',
      '/days type',
      '/place type',
    ]);
    expect(found.map(({ message }) => message)).toContain('must NOT have additional properties: "extra"');
    expect(JSON.stringify(found)).not.toContain('canary');
  });

  test('names the values that are allowed', () => {
    expect(violations({ enum: ['a', 2] }, 'canary')).toEqual([
      { path: '', rule: 'enum', message: 'must be equal to one of the allowed values: ["a",2]' },
    ]);
  });

  test.each([
    [{ const: 'a' }, 'canary', '', 'must be equal to constant: "a"'],
    [{ properties: { n: { multipleOf: 0.01 } } }, { n: 1.005 }, '/n', 'must be multiple of 0.01'],
    [
      { propertyNames: { maxLength: 2 } },
      { abc: 1 },
      '',
      'has the name "abc", which must NOT have more than 2 characters',
    ],
  ])('describes what is allowed: %j', (schema, value, path, message) => {
    expect(violations(schema, value)[0]).toMatchObject({ path, message });
  });

  test('treats decimals as they are written', () => {
    expect(violations({ multipleOf: 0.01 }, 19.99)).toEqual([]);
  });

  test('sees own properties only', () => {
    expect(violations({ properties: { toString: { type: 'string' } } }, {})).toEqual([]);
    expect(violations({ required: ['constructor'] }, {})).toMatchObject([{ rule: 'required' }]);
  });

  test('treats format as an annotation', () => {
    expect(violations(schema, { city: 'x', mail: 'no mail' })).toEqual([]);
  });

  test('reports at most 50 violations', () => {
    expect(violations({ items: { type: 'string' } }, Array(1000).fill(1))).toHaveLength(50);
  });

  test('checks a large value up to its first violation', () => {
    expect(violations({ items: { type: 'string' } }, Array(50_000).fill(1))).toHaveLength(1);
  });

  test.each(['valueOf', 'toString', 'constructor', 'hasOwnProperty'])(
    'applies the default of an omitted property %s, at any depth',
    (name) => {
      const properties = { [name]: { type: 'string', default: 'd' }, n: { type: 'integer' } };
      const schema = { type: 'object', properties: { ...properties, in: { type: 'object', properties } } };
      const validated = compileJsonSchema(schema)({ n: 1, in: {} });
      expect(validated).toStrictEqual({ ok: true, value: { n: 1, in: { [name]: 'd' }, [name]: 'd' } });
      expect(violations(schema, { [name]: 1 })).toMatchObject([{ path: `/${name}`, rule: 'type' }]);
    },
  );

  test('refuses values that are too large, too deep or named __proto__', () => {
    expect(violations({}, Array(200_001).fill(1))).toMatchObject([{ rule: 'size' }]);
    expect(violations({}, JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`) as Json)).toMatchObject([
      { rule: 'depth' },
    ]);
    expect(violations({}, JSON.parse('{"__proto__": {"polluted": true}}') as Json)).toMatchObject([
      { rule: 'propertyNames' },
    ]);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test('compares the items of a long list once each', () => {
    const items = Array.from({ length: 20_000 }, (_, id) => ({ id, name: { text: 'x' } }));
    expect(violations({ uniqueItems: true }, items)).toEqual([]);
    expect(violations({ uniqueItems: true }, [...items, { name: { text: 'x' }, id: 7 }])).toMatchObject([
      { rule: 'uniqueItems' },
    ]);
  });
});

test('a validation reports whether a limit came before a result', () => {
  const validate = compileJsonSchema({ properties: { text: { pattern: '^(a|b|c|d){1,200}$' } } });
  expect(validate({ text: 'e' })).not.toHaveProperty('isUndecided');
  expect(validate({ text: 'a'.repeat(1_000_000) })).toMatchObject({ ok: false, isUndecided: true });
});

describe('dialects', () => {
  test.each(['http://json-schema.org/draft-07/schema#', 'https://json-schema.org/draft/2020-12/schema'])(
    '%s is accepted',
    ($schema) => {
      expect(violations({ $schema, type: 'object' }, 1)).toMatchObject([{ rule: 'type' }]);
    },
  );

  test.each(['http://json-schema.org/draft-04/schema#', 'https://json-schema.org/draft/2019-09/schema', 7])(
    '%s is refused',
    ($schema) => expect(refusal({ $schema }).pointer).toBe('/$schema'),
  );

  test('keywords of draft-07 work beside those of 2020-12', () => {
    const schema = {
      definitions: { positive: { type: 'number', exclusiveMinimum: 0 } },
      properties: {
        pair: { items: [{ $ref: '#/definitions/positive' }, { type: 'string' }], additionalItems: false },
        triple: { prefixItems: [{ type: 'string' }], items: { type: 'number' } },
      },
      dependencies: { pair: ['triple'] },
    };
    expect(violations(schema, { pair: [1, 'a'], triple: ['a', 1, 2] })).toEqual([]);
    const rules = violations(schema, { pair: [-1, 2, 3] }).map(({ path, rule }) => `${path} ${rule}`);
    expect(rules.sort()).toEqual([' dependentRequired', '/pair items', '/pair/0 exclusiveMinimum', '/pair/1 type']);
  });
});

describe('for a client', () => {
  const tuple = { items: [{ type: 'string' }], additionalItems: false };

  test('forms of draft-07 become those of 2020-12', () => {
    const schema = {
      properties: { pair: tuple, a: {} },
      dependencies: { a: ['pair'], pair: { required: ['a'] } },
      $defs: { a: { dependencies: { a: ['b'] } } },
    };
    expect(toDialect(schema)).toEqual({
      properties: { pair: { prefixItems: [{ type: 'string' }], items: false }, a: {} },
      dependentRequired: { a: ['pair'] },
      dependentSchemas: { pair: { required: ['a'] } },
      $defs: { a: { dependentRequired: { a: ['b'] } } },
    });
  });

  test('a schema that declares draft-07 stays unchanged', () => {
    const schema = { $schema: 'http://json-schema.org/draft-07/schema#', ...tuple };
    expect(toDialect(schema)).toBe(schema);
  });

  test('a schema of 2020-12 keeps its identifiers', () => {
    const schema = { $schema: 'https://json-schema.org/draft/2020-12/schema', $id: 'urn:a', type: 'object' };
    expect(toDialect(schema)).toEqual(schema);
  });
});

describe('anchors', () => {
  test('can be the target of a $ref', () => {
    const schema = { $defs: { I: { $anchor: 'item', type: 'string' } }, properties: { a: { $ref: '#item' } } };
    expect(violations(schema, { a: 'x' })).toEqual([]);
    expect(violations(schema, { a: 1 })).toMatchObject([{ path: '/a', rule: 'type' }]);
  });

  test('cannot hide a schema that applies itself endlessly', () => {
    expect(refusal({ $anchor: 'self', allOf: [{ $ref: '#self' }] }).message).toContain('endlessly');
    expect(refusal({ properties: { a: { $ref: '#none' } } }).pointer).toBe('/properties/a/$ref');
  });
});

describe('size', () => {
  const texts = (count: number): JsonObject =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, { type: 'string' }]));

  test('an object has at most 500 properties', () => {
    expect(violations({ properties: texts(500) }, { p499: 1 })).toMatchObject([{ path: '/p499', rule: 'type' }]);
    expect(refusal({ properties: { a: { properties: texts(501) } } })).toMatchObject({
      pointer: '/properties/a/properties',
      code: 'too_many',
    });
  });

  test('a schema that the stack cannot hold is refused when it is compiled', () => {
    const nested = (depth: number): JsonObject =>
      depth === 0 ? { type: 'string' } : { properties: { ...texts(480), z: nested(depth - 1) } };
    expect(compileJsonSchema(nested(2))({ z: { z: 'a' } }).ok).toBe(true);
    expect(refusal(nested(3))).toMatchObject({ pointer: '/properties/z/properties/z/properties/p0', code: 'too_many' });
    expect(refusal({ anyOf: Array(1001).fill({ type: 'string' }) })).toMatchObject({ pointer: '/anyOf/0' });
  });

  test('patterns are limited together', () => {
    const patterns = (count: number) => ({ anyOf: Array(count).fill({ pattern: '(a|b){900}' }) });
    expect(compileJsonSchema(patterns(10))('a').ok).toBe(false);
    expect(refusal(patterns(20))).toMatchObject({ code: 'too_many' });
  });

  test('a validation without enough stack is a violation', () => {
    const validate = compileJsonSchema({ properties: texts(500) });
    const rules = new Set<string>();
    let unwound = 0;
    const descend = (): void => {
      try {
        descend();
      } finally {
        unwound += 1;
        // In the last frames no function can be called at all.
        if (unwound < 2000 && unwound % 10 === 0) validateHere();
      }
    };
    const validateHere = () => {
      const result = validate({ p1: 1 });
      if (!result.ok) for (const { rule } of result.violations) rules.add(rule);
    };
    validateHere();
    expect(descend).toThrow(RangeError);
    expect([...rules]).toEqual(['type', 'schema']);
  });
});

describe('patterns', () => {
  test('run in linear time', () => {
    const validate = compileJsonSchema({ pattern: '^(a+)+$' });
    expect(validate(`${'a'.repeat(50_000)}!`).ok).toBe(false);
    expect(validate('a'.repeat(50_000)).ok).toBe(true);
  });

  test('stay separate: one schema may contain several', () => {
    const schema = {
      properties: { a: { pattern: '^a+$' }, b: { pattern: '^b+$' } },
      patternProperties: { '^x': { type: 'number' } },
    };
    expect(violations(schema, { a: 'a', b: 'b', x1: 1 })).toEqual([]);
    expect(violations(schema, { a: 'b', b: 'a', x1: 'x' })).toHaveLength(3);
  });

  test('stop when a validation costs too much', () => {
    const validate = compileJsonSchema({ pattern: '^(a|b)*a(a|b){900}$' });
    expect(validate('ab'.repeat(500_000))).toMatchObject({ ok: false, violations: [{ rule: 'work' }] });
    expect(validate('ab').ok).toBe(false);
  });

  test.each(['\\d{3}', '[\\u4e00-\\u9fa5]', '\\p{L}', '\\/x', '(?<name>a)', '^[\\w.+-]+@[\\w-]+$'])(
    '%s is supported',
    (pattern) => {
      expect(() => compileJsonSchema({ pattern })).not.toThrow();
    },
  );

  const refused: [string, string][] = [
    ['(?=a)b', 'look-ahead'],
    ['(?!a)b', 'look-ahead'],
    ['(?<=a)b', 'look-behind'],
    ['(a)\\1', 'back-references'],
    ['(?<n>a)\\k<n>', 'back-references'],
    ['(?>a)', 'atomic groups'],
    ['\\p{Script=Greek}', 'Unicode properties'],
    ['((a{100}){100}){100}', 'invalid repeat count'],
    ['(', 'missing closing )'],
    ['.{0,900}.{0,900}.{0,900}', 'too large'],
    ['a'.repeat(1025), 'at most 1024'],
  ];
  test.each(refused)('%s is refused by name', (pattern, construct) => {
    const error = refusal({ properties: { a: { pattern } } });
    expect(error.message).toContain(construct);
    expect(error.pointer).toBe('/properties/a/pattern');
  });

  test('patternProperties are checked too', () => {
    expect(refusal({ patternProperties: { '(?=a)/': {} } }).pointer).toBe('/patternProperties/(?=a)~1');
  });
});

describe('references', () => {
  test.each(['https://example.test/schema', 'other.json', 'file:///etc/passwd', 5])('%s is refused', ($ref) => {
    expect(refusal({ properties: { a: { $ref } } }).message).toContain('begins with "#"');
  });

  test.each(['#/../../etc/passwd', '#/%2e%2e', '#/__proto__', '#/constructor/prototype', '#/$defs/b', '#name', '#/%'])(
    '%s names nothing',
    ($ref) => expect(refusal({ $ref, $defs: { a: {} } }).message).toContain('does not name a schema'),
  );

  test('a schema may refer to itself through its members', () => {
    const tree = {
      properties: {
        name: { type: 'string' },
        left: { $ref: '#' },
        right: { $ref: '#' },
        all: { items: { $ref: '#' } },
      },
    };
    expect(violations(tree, { left: { right: { all: [{ name: 1 }] } } })).toMatchObject([
      { path: '/left/right/all/0/name' },
    ]);
  });

  test('a schema may refer to itself in one branch of a choice', () => {
    const list = { anyOf: [{ type: 'string' }, { type: 'array', items: { $ref: '#' } }] };
    expect(violations(list, [['a', ['b']]])).toEqual([]);
  });

  test('endless recursion is refused', () => {
    expect(refusal({ $ref: '#' }).message).toContain('endlessly');
    expect(
      refusal({ $defs: { a: { allOf: [{ $ref: '#/$defs/b' }] }, b: { not: { $ref: '#/$defs/a' } } } }).message,
    ).toContain('endlessly');
  });

  // Each level of the value would double the work.
  test('recursion in two branches is refused', () => {
    const twice = { properties: { a: { $ref: '#' } } };
    expect(refusal({ anyOf: [twice, twice] }).message).toContain('one branch');
    expect(refusal({ ...twice, patternProperties: { '^a': { $ref: '#' } } }).message).toContain('one branch');
  });

  // Thirty definitions of two lines each would apply a billion schemas.
  test('definitions that multiply are refused', () => {
    const $defs: JsonObject = { d30: { type: 'string' } };
    for (let level = 0; level < 30; level += 1) {
      const next = { $ref: `#/$defs/d${level + 1}` };
      $defs[`d${level}`] = { anyOf: [next, next] };
    }
    expect(refusal({ $ref: '#/$defs/d0', $defs }).message).toContain('more than 10000');
  });
});

describe('schemas that cannot be used', () => {
  const cases: [JsonObject, string, string][] = [
    [{ properties: { a: { type: 'strin' } } }, '/properties/a/type', 'Not a valid JSON Schema'],
    [{ required: 'a' }, '/required', 'Not a valid JSON Schema'],
    [{ properties: { a: { minimum: 'x' } } }, '/properties/a/minimum', 'Not a valid JSON Schema'],
    [{ $dynamicRef: '#x' }, '/$dynamicRef', 'not supported'],
    [{ properties: { a: { $id: 'x' } } }, '/properties/a/$id', 'not supported'],
    [{ $async: true }, '/$async', 'not supported'],
    [nest(40), '/properties/a'.repeat(33), 'at most 32 levels'],
    [{ $defs: { all: { $defs: { ...Array(2001).fill({}) } } } }, '/$defs/all/$defs/1998', 'at most 2000'],
  ];
  test.each(cases)('%j', (schema, pointer, message) => {
    const error = refusal(schema);
    expect(error.message).toContain(message);
    expect(error.pointer).toBe(pointer);
  });
});
