import { expect, test } from '@jest/globals';
import type { JsonObject } from '@toolplane/contracts';
import { compileJsonSchema } from './compile-json-schema.ts';
import { JsonSchemaError } from './json-schema-error.ts';

function errorsOf(schema: JsonObject): readonly JsonSchemaError[] {
  try {
    compileJsonSchema(schema);
    return [];
  } catch (thrown) {
    if (thrown instanceof JsonSchemaError) return thrown.all;
    throw thrown;
  }
}

test('a schema is refused with everything that is wrong with it, each place once', () => {
  const schema = {
    $schema: 'http://json-schema.org/draft-04/schema#',
    properties: {
      a: { type: 'strin' },
      b: { type: ['string', 'nul'], pattern: '(', minLength: -1 },
      c: { $ref: '#/$defs/none', $async: true },
      d: { $ref: 1 },
    },
  };
  expect(errorsOf(schema).map(({ pointer, code = '' }) => `${pointer} ${code}`.trim())).toEqual([
    '/$schema',
    '/properties/b/pattern',
    '/properties/c/$async',
    '/properties/c/$ref unknown_ref',
    '/properties/d/$ref remote_ref',
    '/properties/a/type',
    '/properties/b/type/1',
    '/properties/b/minLength',
  ]);
});

test('the message lists the words that are allowed', () => {
  expect(errorsOf({ type: 'strin' }).map(({ message }) => message)).toEqual([
    'Not a valid JSON Schema: must be equal to one of the allowed values: ["array","boolean","integer","null","number","object","string"]',
  ]);
});

test('of very many errors a part is told', () => {
  const properties = Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`p${index}`, { minLength: -1 }]));
  expect(errorsOf({ properties })).toHaveLength(50);
  expect(errorsOf({ required: Array(200_000).fill(1) })).toHaveLength(1);
});
