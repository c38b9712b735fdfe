import { test } from '@jest/globals';
import type { Json, JsonObject } from '@toolplane/contracts';
import { fuzzing, fuzzTimeoutMs, survive } from '@toolplane/loopback/fuzzing';
import fc from 'fast-check';
import { compileJsonSchema } from './compile-json-schema.ts';
import { JsonSchemaError } from './json-schema-error.ts';

const texts = fc.constantFrom(
  'object',
  'string',
  '#',
  '#/$defs/a',
  '#/properties/__proto__',
  '^(a+)+$',
  '((a{99}){99})',
  'x',
);
const scalar = fc.oneof(texts, fc.integer(), fc.double(), fc.boolean(), fc.constant(null));
const keyword = fc.constantFrom(
  ...['type', '$ref', '$defs', 'properties', 'patternProperties', 'items', 'allOf', 'anyOf', 'not', 'if', 'then'],
  ...[
    'pattern',
    'enum',
    'const',
    'required',
    'additionalProperties',
    'uniqueItems',
    'minimum',
    'multipleOf',
    'default',
  ],
  ...[
    '$id',
    '$anchor',
    '$dynamicRef',
    'prefixItems',
    'dependentSchemas',
    'contains',
    'definitions',
    'nullable',
    '__proto__',
  ],
);
const schemas = fc.letrec<{ schema: Json; object: JsonObject }>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('schema'), { maxLength: 3 }),
    tie('object'),
  ) as fc.Arbitrary<Json>,
  object: fc.dictionary(keyword, tie('schema'), { maxKeys: 4, noNullPrototype: true }) as fc.Arbitrary<JsonObject>,
})).object;

test(
  'JSON Schemas: any schema is compiled or refused, and any value is checked with it (T14, T19)',
  () => {
    const check = (schema: JsonObject, value: Json) => compileJsonSchema(schema)(value);
    const values = fc.oneof(fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>, fc.constant<Json>('a'.repeat(40)));
    fc.assert(
      fc.property(schemas, values, (schema, value) => {
        survive(
          () => check(schema, value),
          (thrown) => thrown instanceof JsonSchemaError,
        );
      }),
      fuzzing,
    );
  },
  fuzzTimeoutMs,
);
