import { expect, test } from '@jest/globals';
import { toSchemaLines } from './schema-lines.ts';

test('each property is a line with its type, with nested properties below it', () => {
  const schema = {
    type: 'object',
    required: ['number'],
    properties: {
      number: { type: 'integer', description: 'Of the\n  train' },
      class: { enum: ['seat', 'sleeper'], default: 'seat' },
      stops: { type: 'array', items: { type: 'object', properties: { name: { type: ['string', 'null'] } } } },
      by: { anyOf: [{ type: 'string' }, { const: 7 }] },
      any: {},
    },
  };
  expect(toSchemaLines(schema)).toEqual([
    'number (integer, required): Of the train',
    'class (one of "seat", "sleeper", default "seat")',
    'stops (list of object)',
    '  name (string or null)',
    'by (string or 7)',
    'any',
  ]);
});

test.each([
  ['no schema', 'number'],
  ['another dialect', { properties: [], required: 'all' }],
  ['invalid parts', { properties: { a: null, b: { type: 7, enum: 'x', items: false } } }],
])('a foreign schema is shown as far as possible: %s', (_, schema) => {
  expect(toSchemaLines(schema).every((line) => /^[ab]/.test(line))).toBe(true);
});

test('endless nesting is cut off', () => {
  const schema: { properties: Record<string, unknown> } = { properties: {} };
  schema.properties['again'] = schema;
  expect(toSchemaLines(schema)).toHaveLength(4);
});
