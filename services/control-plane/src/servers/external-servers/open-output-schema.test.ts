import { expect, test } from '@jest/globals';
import { openOutputSchema } from './open-output-schema.ts';

test('an output schema also accepts the error of a call that did not reach its server', () => {
  const schema = {
    type: 'object',
    properties: { town: { $ref: '#/$defs/town' } },
    $defs: { town: { type: 'string' } },
  };
  expect(openOutputSchema(schema)).toEqual({
    type: 'object',
    anyOf: [
      {
        ...schema,
        properties: { town: { $ref: '#/anyOf/0/$defs/town' } },
      },
      { required: ['code', 'message', 'outcome'] },
    ],
  });
});

test.each([
  ['#', '#/anyOf/0'],
  ['#/properties/a', '#/anyOf/0/properties/a'],
  ['#town', '#town'],
])('a reference to %s becomes one to %s', (before, after) => {
  expect(openOutputSchema({ properties: { a: { $ref: before } } })).toMatchObject({
    anyOf: [{ properties: { a: { $ref: after } } }, {}],
  });
});

test('a property named $ref stays as it is', () => {
  const schema = { properties: { $ref: { type: 'string' } } };
  expect(openOutputSchema(schema)).toMatchObject({ anyOf: [schema, {}] });
});
