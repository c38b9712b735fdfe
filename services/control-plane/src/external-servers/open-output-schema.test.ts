import { expect, test } from '@jest/globals';
import { openOutputSchema } from './open-output-schema.ts';

test('a schema of results takes the error of a call that did not reach its server as well', () => {
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
])('what refers to %s refers to %s then', (before, after) => {
  expect(openOutputSchema({ properties: { a: { $ref: before } } })).toMatchObject({
    anyOf: [{ properties: { a: { $ref: after } } }, {}],
  });
});

test('a property that is called $ref stays as it is', () => {
  const schema = { properties: { $ref: { type: 'string' } } };
  expect(openOutputSchema(schema)).toMatchObject({ anyOf: [schema, {}] });
});
