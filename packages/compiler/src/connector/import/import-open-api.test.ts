import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@toolplane/contracts';
import { stringify } from 'yaml';
import { importApi, readImported } from './import.example.ts';
import { importOpenApi } from './import-open-api.ts';
import type { GivenAuthentication } from './security/given-authentication.ts';

const ok = { responses: { 200: { description: 'Fine' } } };

describe('an authentication that is given', () => {
  const scheme = { components: { securitySchemes: { bearer: { type: 'apiKey', in: 'header', name: 'X-Own' } } } };
  const paths = {
    '/silent': { get: { operationId: 'silent', ...ok } },
    '/open': { get: { operationId: 'open', security: [], ...ok } },
    '/own': { get: { operationId: 'own', security: [{ bearer: [] }], ...ok } },
  };

  test('is of the operations whose document says nothing about security', () => {
    const { connector, diagnostics } = importApi(paths, scheme, { authentication: { type: 'bearer' } });
    expect(diagnostics).toEqual([]);
    const used = connector.operations.map(({ operation_id, auth_type_ref, auth_headers }) => {
      return [operation_id, auth_type_ref, auth_headers];
    });
    expect(used).toEqual([
      ['silent', 'bearer_2', undefined],
      ['open', undefined, undefined],
      ['own', 'bearer', { 'X-Own': '{api_key}' }],
    ]);
    expect(connector.authentication).toMatchObject([
      { id: 'bearer_2', type: 'bearer' },
      { id: 'bearer', type: 'api_key' },
    ]);
  });

  test.each<[given: GivenAuthentication, type: string, headers: object | undefined]>([
    [{ type: 'bearer' }, 'bearer', undefined],
    [{ type: 'basic' }, 'basic', undefined],
    [{ type: 'api_key', header: 'X-Key' }, 'api_key', { 'X-Key': '{api_key}' }],
  ])('%j', (authentication, type, headers) => {
    const parameters = [{ name: 'X-Key', in: 'header', schema: { type: 'string' } }];
    const silent = { '/silent': { get: { operationId: 'silent', parameters, ...ok } } };
    const { connector } = importApi(silent, {}, { authentication });
    expect(connector.authentication).toMatchObject([{ type }]);
    expect(connector.operations).toMatchObject([{ auth_type_ref: type }]);
    expect(connector.operations[0]?.auth_headers).toEqual(headers);
    // Credentials are not parameters.
    expect(connector.operations[0]?.parameters).toHaveLength(type === 'api_key' ? 0 : 1);
  });

  test('is named by the warning that a document has none', () => {
    const { diagnostics } = importApi({ '/silent': paths['/silent'] });
    expect(diagnostics).toMatchObject([{ code: 'no_authentication' }]);
    expect(diagnostics[0]?.hint).toContain('options.authentication');
  });

  test('without effect is reported', () => {
    const { diagnostics } = importApi({ '/own': paths['/own'] }, scheme, { authentication: { type: 'basic' } });
    expect(diagnostics).toMatchObject([{ severity: 'warning', code: 'unused_authentication' }]);
  });

  test.each([
    ['Host', 'reserved_header'],
    ['a b', 'invalid_header'],
  ])('in the header %s is refused', (header, code) => {
    const { diagnostics, descriptor } = importOpenApi('{}', { authentication: { type: 'api_key', header } });
    expect([descriptor, diagnostics]).toMatchObject([undefined, [{ severity: 'error', code }]]);
  });
});

describe('an OpenAPI document becomes a descriptor', () => {
  test('with operations, parameters, bodies, sign-in and suggested tools', () => {
    const { connector, imported, skipped, diagnostics } = importApi(
      {
        '/customers/{customer}': {
          parameters: [{ name: 'customer', in: 'path', required: true, schema: { type: 'string' } }],
          get: { operationId: 'getCustomer', summary: 'Get a customer by its id', ...ok },
          patch: {
            operationId: 'updateCustomer',
            summary: 'Update a customer',
            requestBody: {
              content: {
                'application/json': {
                  schema: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
                },
              },
            },
            ...ok,
          },
        },
      },
      {
        security: [{ key: [] }],
        components: { securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'X-Key' } } },
      },
    );
    expect({ imported, skipped, diagnostics }).toEqual({ imported: 2, skipped: [], diagnostics: [] });
    expect(connector.metadata).toMatchObject({ name: 'Test API', slug: 'test-api', version: '1.2.3' });
    expect(connector.authentication).toMatchObject([{ id: 'key', type: 'api_key' }]);
    expect(connector.operations).toMatchObject([
      {
        operation_id: 'getCustomer',
        method: 'GET',
        endpoint: 'https://api.example.com/v1/customers/{customer}',
        auth_type_ref: 'key',
        auth_headers: { 'X-Key': '{api_key}' },
        parameters: [{ name: 'customer', location: 'path', schema: { type: 'string' } }],
      },
      { parameters: [{ name: 'customer' }, { name: 'name', location: 'body', required: true }] },
    ]);
    expect(connector.mcp_config).toMatchObject({
      enabled: true,
      server_name: 'test_api',
      route_mappings: [
        {
          operation_id: 'getCustomer',
          mcp_tool_name: 'get_customer',
          mcp_tool_description: 'Get a customer by its id.',
        },
        { operation_id: 'updateCustomer', mcp_tool_name: 'update_customer' },
      ],
    });
  });

  test('with everything that can be imported; the rest is reported with a reason', () => {
    const cookie = { name: 'session', in: 'cookie', schema: { type: 'string' } };
    const { imported, skipped, diagnostics } = importApi({
      '/fine': { get: ok },
      '/broken': { get: { parameters: [{ $ref: '#/components/parameters/none' }], ...ok } },
      '/trace': { trace: ok },
      '/head': { head: ok },
      '/cookie': { get: { parameters: [{ ...cookie, required: true }], ...ok } },
      '/optional-cookie': { get: { parameters: [cookie], ...ok } },
      '/old': { get: { deprecated: true, ...ok } },
      '/number': { post: 7 },
      '/nothing': null,
      '/lost': { $ref: '#/none' },
      'x-nothing': null,
    });
    expect(imported).toBe(2);
    expect(skipped).toEqual([
      { operation: 'GET /broken', reason: expect.stringContaining('"$ref" names nothing in the document') },
      { operation: 'TRACE /trace', reason: 'TRACE is not a method that can be sent' },
      { operation: 'GET /old', reason: 'It is deprecated' },
      { operation: 'POST /number', reason: 'It is not an object' },
      { operation: '/nothing', reason: 'It is not an object' },
      { operation: '/lost', reason: '"$ref" names nothing in the document: "#/none"' },
      { operation: 'HEAD /head', reason: expect.stringContaining('no answer') },
      { operation: 'GET /cookie', reason: expect.stringContaining('"session" is in a cookie, and it is required') },
    ]);
    expect(diagnostics).toContainEqual(
      expect.objectContaining({
        severity: 'warning',
        code: 'parameter_left_out',
        pointer: '/paths/~1optional-cookie/get',
      }),
    );
  });

  test.each([
    ['only some operations', { operations: ['a', 'GET /b'] }, ['a', 'get/b']],
    ['only those with a tag', { tags: ['x'] }, ['c']],
    ['only those that read', { readOnly: true }, ['a', 'get/b', 'd']],
    ['deprecated ones too', { withDeprecated: true }, ['a', 'get/b', 'c', 'd', 'old']],
  ])('with %s, if these are requested', (_, options, expected) => {
    const { connector } = importApi(
      {
        '/a': { get: { operationId: 'a', ...ok } },
        '/b': { get: ok },
        '/c': { post: { operationId: 'c', tags: ['x'], ...ok } },
        '/d': { get: { operationId: 'd', ...ok } },
        '/old': { delete: { operationId: 'old', deprecated: true, ...ok } },
      },
      {},
      options,
    );
    expect(connector.operations.map((operation) => operation.operation_id)).toEqual(expected);
  });

  test('and a requested operation that does not exist is an error with a hint', () => {
    const { diagnostics } = importApi(
      { '/a': { get: { operationId: 'getThing', ...ok } } },
      {},
      {
        operations: ['getThing', 'getThin'],
      },
    );
    expect(diagnostics).toContainEqual(
      expect.objectContaining({ severity: 'error', code: 'unknown_operation', hint: 'Did you mean "getThing"?' }),
    );
  });
});

describe('diagnostics of an import', () => {
  const head = { openapi: '3.1.0', info: { title: 'Test', version: '1' }, servers: [{ url: 'https://a.example' }] };
  const paths = { '/a': { get: { tags: ['pets'], ...ok } }, '/b': { get: { deprecated: true, ...ok } } };

  test('for an unknown tag list the existing ones', () => {
    const { diagnostics } = importOpenApi(JSON.stringify({ ...head, paths }), { tags: ['shops', 'pets'] });
    expect(diagnostics).toContainEqual(
      expect.objectContaining({ severity: 'error', code: 'unknown_tag', hint: 'Tags: pets.' }),
    );
  });

  test.each([
    [
      'none is requested',
      paths,
      { readOnly: true, tags: ['x'] },
      'No operation fits options.tags and options.readOnly.',
    ],
    [
      'all are deprecated',
      { '/b': paths['/b'] },
      {},
      'All of them are deprecated: options.withDeprecated imports them.',
    ],
    ['there are none', {}, {}, 'There are none in its "paths".'],
    ['none of them can be read', { '/c': null }, {}, 'See the reasons for the skipped operations.'],
  ])('say what to do if %s', (_, some, options, hint) => {
    const [first] = importOpenApi(JSON.stringify({ ...head, paths: some }), options).diagnostics;
    expect(first).toMatchObject({ code: 'no_operations', hint });
  });

  test.each([
    ['JSON', (value: JsonObject) => JSON.stringify(value, null, 1), { line: 14, column: 4 }],
    ['YAML', (value: JsonObject) => stringify(value), { line: 9, column: 5 }],
  ])('have their position in %s', (_, write, place) => {
    const cookie = { name: 'session', in: 'cookie', schema: { type: 'string' } };
    const text = write({ ...head, paths: { '/a': { get: { parameters: [cookie], ...ok } } } });
    const reported = importOpenApi(text).diagnostics.find(({ code }) => code === 'parameter_left_out');
    expect(reported).toMatchObject(place);
  });

  test('for a text that cannot be read have the position where it becomes invalid', () => {
    expect(importOpenApi('{"openapi": "3.1.0",\n  "info": ]}').diagnostics[0]).toMatchObject({ line: 2, column: 11 });
  });
});

describe('the URL of the API', () => {
  const document = (servers: JsonObject[]) =>
    JSON.stringify({ openapi: '3.0.3', info: { title: 'Test', version: '1' }, servers, paths: { '/a': { get: ok } } });

  test.each([
    [
      'variables have their defaults',
      [{ url: 'https://{r}.example.com', variables: { r: { default: 'eu' } } }],
      {},
      'https://eu.example.com/a',
    ],
    [
      'relative URLs are resolved against the URL of the document',
      [{ url: '/v2' }],
      { location: 'https://a.example/x/api.json' },
      'https://a.example/v2/a',
    ],
    [
      'a given URL replaces all others',
      [{ url: '/v2' }],
      { serverUrl: 'https://b.example/base/' },
      'https://b.example/base/a',
    ],
  ])('%s', (_, servers, options, endpoint) => {
    expect(readImported(document(servers), options).connector.operations[0]?.endpoint).toBe(endpoint);
  });

  test('a relative server in a document without a URL is an error that says what to provide', () => {
    const { descriptor, diagnostics } = importOpenApi(document([{ url: '/v2' }]));
    expect(descriptor).toBeUndefined();
    expect(diagnostics[0]).toMatchObject({
      code: 'unknown_server',
      hint: expect.stringMatching(/options\.server_url.*options\.location/),
    });
  });
});

describe('paths', () => {
  test.each([
    ['undeclared templates are text', '/a/{id}', 'https://api.example.com/v1/a/{id}', ['id']],
    [
      'names that are not allowed are changed',
      '/a/{config.x}/{b c}',
      'https://api.example.com/v1/a/{config_x}/{b_c}',
      ['config_x', 'b_c'],
    ],
    ['what is not a template stays text', '/a b/{/ü', 'https://api.example.com/v1/a%20b/%7B/%C3%BC', []],
    ['a query is sent as hidden parameters', '/a?kind=x', 'https://api.example.com/v1/a', ['kind']],
  ])('%s', (_, path, endpoint, names) => {
    const [operation] = importApi({ [path]: { get: ok } }).connector.operations;
    expect(operation?.endpoint).toBe(endpoint);
    expect(operation?.parameters.map(({ name }) => name)).toEqual(names);
  });
});

describe('refuses', () => {
  test.each([
    ['what is neither JSON nor YAML', '{"a": ', 'invalid'],
    ['Swagger 2.0', '{"swagger": "2.0"}', 'unsupported_openapi'],
    ['a document without operations', '{"openapi": "3.1.0", "info": {"title": "T", "version": "1"}}', 'no_operations'],
  ])('%s', (_, text, code) => {
    expect(importOpenApi(text)).toMatchObject({
      imported: 0,
      diagnostics: [{ severity: 'error', code: expect.stringContaining(code) }],
    });
  });
});
