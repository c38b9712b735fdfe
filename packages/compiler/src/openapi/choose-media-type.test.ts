import { expect, test } from '@jest/globals';
import { chooseMediaType } from './choose-media-type.ts';
import type { OperationBody } from './model.ts';

/** Returns a body in which each type has its own name as its schema. */
function body(...mediaTypes: string[]): OperationBody {
  return { isRequired: true, content: mediaTypes.map((type) => [type, { schema: type, encoding: {} }]) };
}

test.each([
  [['application/xml'], 'application/xml'],
  [['application/xml', 'application/json'], 'application/json'],
  [['text/plain', 'application/vnd.api+json', 'application/json'], 'application/vnd.api+json'],
  [['application/xml', 'application/json; charset=utf-8'], 'application/json; charset=utf-8'],
  [['application/xml', 'text/plain'], 'application/xml'],
  [['*/*'], 'application/json'],
  [['application/*+json'], 'application/json'],
  [['application/*'], 'application/json'],
  [['text/*'], 'text/plain'],
  [['image/*'], 'application/octet-stream'],
  [['multipart/*'], 'multipart/form-data'],
])('if none of %j is requested, %s is sent', (declared, expected) => {
  expect(chooseMediaType(body(...declared))?.contentType).toBe(expected);
});

test.each([
  ['application/xml', ['application/json', 'application/xml'], 'application/xml', 'application/xml'],
  ['text/csv', ['application/json'], 'text/csv', undefined],
  ['*/*', ['application/xml', 'application/json'], 'application/json', 'application/json'],
  ['application/*+json', ['application/json'], 'application/json', 'application/json'],
  ['image/png', ['*/*', 'image/*'], 'image/png', 'image/*'],
  ['image/png', ['image/*', '*/*'], 'image/png', 'image/*'],
  ['image/png', ['image/*', 'image/png'], 'image/png', 'image/png'],
  [
    'application/hal+json',
    ['*/*', 'application/*', 'application/*+json'],
    'application/hal+json',
    'application/*+json',
  ],
  ['application/json', ['*/*'], 'application/json', '*/*'],
])('%s, which is requested among %j, is sent as %s with the schema of %s', (wanted, declared, sent, schema) => {
  expect(chooseMediaType(body(...declared), wanted)).toEqual({
    contentType: sent,
    encoding: {},
    ...(schema === undefined ? {} : { schema }),
  });
});

test('parameters and case do not matter when types are compared', () => {
  const found = chooseMediaType(body('application/json'), 'Application/JSON; charset=utf-8');
  expect(found).toMatchObject({ contentType: 'Application/JSON; charset=utf-8', schema: 'application/json' });
  expect(chooseMediaType(body('application/json;v=1'), 'application/json')?.schema).toBe('application/json;v=1');
});

test('without any declaration only the requested type is sent', () => {
  expect(chooseMediaType(undefined)).toBeUndefined();
  expect(chooseMediaType(body())).toBeUndefined();
  expect(chooseMediaType(undefined, 'text/plain')).toEqual({ contentType: 'text/plain', encoding: {} });
});
