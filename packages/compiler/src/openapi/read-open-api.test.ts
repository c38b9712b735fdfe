import { describe, expect, test } from '@jest/globals';
import { api, get, read, refusal } from './read.example.ts';
import { readOpenApi } from './read-open-api.ts';

describe('versions', () => {
  test.each(['3.0.0', '3.0.4', '3.1.0', '3.1.99', '3.2.0', '3.2.0-rc1', '3.1', 3.1, 3])('%s is read', (openapi) => {
    const { version } = read({ openapi, info: {}, paths: {} });
    expect(version).toBe(String(openapi === 3 ? '3.0' : openapi).slice(0, 3));
  });

  test.each([
    [{ swagger: '2.0', paths: {} }, 'It is OpenAPI 2.0 (Swagger), which is not supported'],
    [{ openapi: '4.0.0' }, 'Its "openapi" is not a supported version'],
    [{ openapi: '3.10.0' }, 'Its "openapi" is not a supported version'],
    [{ openapi: ['3.0.0'] }, 'Its "openapi" is not a supported version'],
    [{}, 'Its "openapi" is not a supported version'],
    [[], 'Its "openapi" is not a supported version'],
    ['3.0.0', 'Its "openapi" is not a supported version'],
  ])('%j is refused', (value, message) => {
    expect(readOpenApi(value, '')).toMatchObject({ problem: { code: 'unsupported_openapi', message } });
  });

  test('a document without paths has no operations', () => {
    expect(read({ openapi: '3.1.0', webhooks: { a: { post: { operationId: 'hook' } } } }).operationIds()).toEqual([]);
  });
});

describe('finding an operation', () => {
  test('ids can have any characters', () => {
    const ids = ['get /a/{id}', 'a.b', 'Ä "x"', '__proto__', 'constructor', ' '];
    const paths = Object.fromEntries(ids.map((operationId, index) => [`/${index}`, { get: { operationId } }]));
    const document = api(paths);
    expect(ids.map((id) => document.findById(id)?.path)).toEqual(['/0', '/1', '/2', '/3', '/4', '/5']);
    expect(document.operationIds()).toEqual(ids);
    expect(document.findById('toString')).toBeUndefined();
  });

  test('a pointer names path and method', () => {
    const document = api({ '/a~b/{id}': { get: {}, post: {} }, '/c': { get: {} } });
    expect(document.findByPointer('/paths/~1a~0b~1{id}/post')).toMatchObject({ path: '/a~b/{id}', method: 'POST' });
    const others = ['/paths/~1c/post', '/paths/~1c', '/paths/~1d/get', '/paths/~1c/get/x', '/info', '', 'x'];
    expect(others.map((pointer) => document.findByPointer(pointer))).toEqual(others.map(() => undefined));
  });

  test('a path that is a reference has the operations of its target, but its own members win', () => {
    const more = { components: { pathItems: { a: { summary: 'far', get: { operationId: 'op', servers: [] } } } } };
    const item = {
      $ref: '#/components/pathItems/a',
      servers: [{ url: 'https://near' }],
      post: { operationId: 'near' },
    };
    const document = api({ '/a': item }, more);
    expect(document.findById('op')).toMatchObject({ path: '/a', method: 'GET', servers: [{ url: 'https://near' }] });
    expect(document.findById('near')?.method).toBe('POST');
    expect(document.findByPointer('/paths/~1a/get')?.operationId).toBe('op');
  });

  test('an id that occurs twice is refused with both places when it is used', () => {
    const document = api({
      '/a': { get: { operationId: 'x' } },
      '/b': { put: { operationId: 'x' } },
      '/c': { get: {} },
    });
    expect(refusal(() => document.findById('x'))).toContain('is used at /paths/~1a/get and at /paths/~1b/put');
    expect(document.findByPointer('/paths/~1b/put')?.method).toBe('PUT');
    expect(document.hasOperation('x')).toBe(true);
  });

  test('an operation is read once', () => {
    const document = api({ '/a': { get: { operationId: 'x' } } });
    expect(document.findById('x')).toBe(document.findByPointer('/paths/~1a/get'));
  });

  test('methods that cannot be sent are found and refused', () => {
    const item = {
      trace: { operationId: 't' },
      query: { operationId: 'q' },
      additionalOperations: { LINK: { operationId: 'l' } },
    };
    const document = api({ '/a': item });
    expect(document.operationPointers()).toEqual([
      '/paths/~1a/trace',
      '/paths/~1a/query',
      '/paths/~1a/additionalOperations/LINK',
    ]);
    expect(refusal(() => document.findById('t'))).toBe('TRACE is not a method that can be sent at /paths/~1a/trace');
    expect(refusal(() => document.findById('q'))).toContain('QUERY');
    expect(refusal(() => document.findById('l'))).toContain('LINK');
  });

  test('something that is not a path cannot change the host', () => {
    const document = api({ '.evil.example/a': { get: { operationId: 'x' } } });
    expect(refusal(() => document.findById('x'))).toContain('A path must begin with "/"');
  });

  test('texts and statuses are kept as written', () => {
    const responses = { 200: {}, '4XX': {}, default: {}, 'x-more': {} };
    const operation = get({ summary: 'S', description: 'D', deprecated: true, responses });
    expect(operation).toMatchObject({ summary: 'S', description: 'D', isDeprecated: true });
    expect(operation.statuses).toEqual(['200', '4XX', 'default']);
  });
});
