import { describe, expect, test } from '@jest/globals';
import { importSchema } from '../import.example.ts';

describe('schemas become JSON Schema 2020-12', () => {
  test.each([
    ['nullable', { type: 'string', nullable: true, enum: ['a'] }, { type: ['string', 'null'], enum: ['a', null] }],
    [
      'nullable of a composed schema',
      { allOf: [{ type: 'string' }], nullable: true },
      { anyOf: [{ allOf: [{ type: 'string' }] }, { type: 'null' }] },
    ],
    [
      'exclusive bounds of 3.0',
      { type: 'integer', minimum: 1, exclusiveMinimum: true, maximum: 5 },
      { type: 'integer', exclusiveMinimum: 1, maximum: 5 },
    ],
    ['example', { type: 'string', example: 'a' }, { type: 'string', examples: ['a'] }],
    [
      'keywords that only OpenAPI has',
      { type: 'string', xml: { name: 'a' }, externalDocs: {}, 'x-a': 1, title: 'A' },
      { type: 'string' },
    ],
    [
      'properties that only responses have',
      { type: 'object', properties: { id: { type: 'string', readOnly: true }, a: true }, required: ['id', 'a'] },
      { type: 'object', properties: { a: true }, required: ['a'] },
    ],
    [
      'oneOf, which would refuse parts that became equal by a cut',
      { oneOf: [{ type: 'string' }] },
      { anyOf: [{ type: 'string' }] },
    ],
    [
      'keywords that would refuse more after a part is cut',
      { not: { type: 'string' }, minLength: 1 },
      { minLength: 1 },
    ],
    [
      'patterns of names, and the schema of all other names',
      { type: 'object', patternProperties: { '^x-': {} }, additionalProperties: false },
      { type: 'object' },
    ],
    ['patterns that only JavaScript has', { type: 'string', pattern: '^(?!a)' }, { type: 'string' }],
    ['keywords of the wrong form', { type: 'date', required: true, minLength: '1', enum: [] }, {}],
    ['tuples', { type: 'array', items: [{ type: 'string' }] }, { type: 'array', prefixItems: [{ type: 'string' }] }],
    ['schemas that are true', true, {}],
  ])('%s', (_, schema, expected) => {
    expect(importSchema(schema)).toEqual(expected);
  });

  test('that is self-contained, and cut where schemas refer to themselves', () => {
    const list = { type: 'object', properties: { next: { $ref: '#/components/schemas/list' }, a: { type: 'string' } } };
    expect(importSchema({ $ref: '#/components/schemas/list' }, { list })).toEqual({
      type: 'object',
      properties: { next: { type: 'object' }, a: { type: 'string' } },
    });
  });

  // A validator fills in defaults, and an update would then reset what nobody named.
  test('without defaults, which the description mentions instead', () => {
    const { properties } = importSchema({
      type: 'object',
      properties: { isPrivate: { type: 'boolean', default: false, description: 'Hide it' } },
    });
    expect(properties).toEqual({ isPrivate: { type: 'boolean', description: 'Hide it. Default: false.' } });
  });
});
