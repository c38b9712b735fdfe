import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@toolplane/contracts';
import { extractParameterHeaders } from './extract-parameter-headers.ts';

const KEY = 'x-mcp-header';
const object = (properties: JsonObject): JsonObject => ({ type: 'object', properties });
const extract = (properties: JsonObject) => extractParameterHeaders(object(properties));

describe('a declared header', () => {
  test('is taken from properties and their properties, whatever token its name is', () => {
    const properties = {
      tenant: { type: 'string', [KEY]: 'Tenant_Id' },
      where: object({ zone: { type: 'integer', [KEY]: 'zone.1' }, dry: { type: 'boolean', [KEY]: 'Dry' } }),
      [KEY]: { type: 'string' },
    };
    expect(extract(properties)).toEqual({
      schema: object(properties),
      headers: [
        ['Tenant_Id', ['tenant']],
        ['zone.1', ['where', 'zone']],
        ['Dry', ['where', 'dry']],
      ],
    });
  });

  test.each<[string, JsonObject]>([
    ['is no token', { type: 'string', [KEY]: 'tenant id' }],
    ['is empty', { type: 'string', [KEY]: '' }],
    ['is not a text', { type: 'string', [KEY]: 1 }],
    ['is too long', { type: 'string', [KEY]: 'x'.repeat(65) }],
    ['stands at an object', { type: 'object', [KEY]: 'Where' }],
    ['has no type', { [KEY]: 'Any' }],
  ])('that %s is taken out', (_name, property) => {
    const { [KEY]: _, ...rest } = property;
    expect(extract({ property })).toEqual({ schema: object({ property: rest }), headers: [] });
  });

  test('that was used before is taken out, whatever its case', () => {
    const { schema, headers } = extract({
      first: { type: 'string', [KEY]: 'Tenant' },
      second: { type: 'string', [KEY]: 'tenant' },
    });
    expect(headers).toEqual([['Tenant', ['first']]]);
    expect(schema).toEqual(object({ first: { type: 'string', [KEY]: 'Tenant' }, second: { type: 'string' } }));
  });

  test('where no client searches for it is removed', () => {
    const header = { type: 'string', [KEY]: 'Tenant' };
    const plain = { type: 'string' };
    const declared = { list: { items: object({ a: header }) }, some: { anyOf: [header] }, [KEY]: true };
    expect(extractParameterHeaders({ ...object(declared), $defs: { header }, [KEY]: 'Root' })).toEqual({
      schema: {
        ...object({ list: { items: object({ a: plain }) }, some: { anyOf: [plain] }, [KEY]: true }),
        $defs: { header: plain },
      },
      headers: [],
    });
  });
});
