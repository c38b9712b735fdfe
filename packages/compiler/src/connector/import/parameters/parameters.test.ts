import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@toolplane/contracts';
import { importApi, importOperation } from '../import.example.ts';
import type { ImportOptions } from '../import-options.ts';

const text = { type: 'string' };
const list = { type: 'array', items: text };
const range = { type: 'object', properties: { gte: { type: 'integer' }, lt: { type: 'integer' } } };

describe('parameters', () => {
  test.each([
    ['repeated lists', { schema: list }, [{ name: 'p', schema: list, style: 'repeat' }]],
    ['lists in one text', { schema: list, explode: false }, [{ name: 'p', schema: list, style: 'comma' }]],
    [
      'lists in one text whose type is composed',
      { schema: { allOf: [list] }, explode: false },
      [{ name: 'p', schema: { type: 'array', allOf: [list] }, style: 'comma' }],
    ],
    [
      'lists that only declare items',
      { schema: { items: text }, explode: false },
      [{ name: 'p', schema: list, style: 'comma' }],
    ],
    ['lists with spaces are omitted', { schema: list, style: 'spaceDelimited', explode: false }, []],
    ['deep objects', { schema: range, style: 'deepObject' }, [{ name: 'p', schema: range }]],
    [
      'deep objects that contain lists, member by member',
      { schema: { type: 'object', properties: { a: list, b: text } }, style: 'deepObject' },
      [
        { name: 'p_a', send_as: 'p[a][]', schema: list },
        { name: 'p_b', send_as: 'p[b]', schema: text },
      ],
    ],
    [
      'objects whose members are parameters themselves',
      { schema: range },
      [
        { name: 'gte', schema: { type: 'integer' } },
        { name: 'lt', schema: { type: 'integer' } },
      ],
    ],
    [
      'JSON in the query is text',
      { content: { 'application/json': { schema: range } } },
      [{ name: 'p', schema: { ...text, contentMediaType: 'application/json' } }],
    ],
    [
      'lists of objects, whose items are numbered',
      { schema: { type: 'array', items: range }, style: 'deepObject' },
      [{ name: 'p', schema: { type: 'array', items: range } }],
    ],
    [
      'lists of lists in a query are omitted',
      { schema: { type: 'array', items: { type: 'array', items: text } }, style: 'deepObject' },
      [],
    ],
  ])('%s', (_, parameter, expected) => {
    const declared = { name: 'p', in: 'query', ...parameter } as JsonObject;
    const { operation } = importOperation({ parameters: [declared] }, {}, 'get');
    expect(operation.parameters).toEqual(expected.map((each) => ({ location: 'query', ...each })));
  });

  test('have unique valid names, and keep the original names in the request', () => {
    const query = ['a b', 'a_b', 'Start<', 'x'.repeat(70)].map((name) => ({ name, in: 'query', schema: text }));
    const parameters = [
      ...query,
      { name: 'id', in: 'header', schema: text },
      { name: 'id', in: 'query', schema: text },
    ];
    const { operation } = importOperation({ parameters }, {}, 'get');
    expect(operation.parameters.map(({ name, send_as }) => [name, send_as])).toEqual([
      ['a_b', 'a b'],
      ['query_a_b', 'a_b'],
      ['Start_lt', 'Start<'],
      ['x'.repeat(64), 'x'.repeat(70)],
      ['id', undefined],
      ['query_id', 'id'],
    ]);
  });

  test('that are lists beside a value of the same name say so', () => {
    const parameters = ['arr', 'arr[]'].map((name) => ({ name, in: 'query', schema: text }));
    const { operation } = importOperation({ parameters }, {}, 'get');
    expect(operation.parameters.map(({ name }) => name)).toEqual(['arr', 'arr_list']);
  });

  test('whose reserved characters would not be encoded are reported', () => {
    const parameters = [{ name: 'q', in: 'query', schema: text, allowReserved: true }];
    expect(importOperation({ parameters }, {}, 'get').diagnostics).toContainEqual(
      expect.objectContaining({ code: 'sent_otherwise', message: expect.stringContaining('the query parameter "q"') }),
    );
  });

  test('that no request can have are reported in one sentence', () => {
    const parameters = ['Host', 'a b'].map((name) => ({ name, in: 'header', schema: text }));
    const [, reported] = importOperation({ parameters }, {}, 'get').diagnostics;
    expect(reported?.message).toBe(
      'GET /things leaves out what cannot be sent: the header parameter "Host" is a header that the platform sets; ' +
        'the header parameter "a b" has an invalid name',
    );
  });

  test('that are required and have one possible value are hidden', () => {
    const parameters = [{ name: 'Api-Version', in: 'header', required: true, schema: { enum: ['2024-01-01'] } }];
    const { operation } = importOperation({ parameters }, {}, 'get');
    expect(operation.parameters).toMatchObject([{ hidden: true, default_value: '2024-01-01' }]);
  });

  // Guarantee: no model is asked for a credential that the connection has.
  test('that carry credentials are left to the sign-in', () => {
    const parameters = [
      { name: 'X-Key', in: 'header', required: true, schema: text },
      { name: 'token', in: 'query', schema: text },
    ];
    const { operation, diagnostics } = importOperation(
      { parameters, security: [{ key: [] }] },
      { components: { securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'X-Key' } } } },
      'get',
    );
    expect(operation.parameters).toEqual([]);
    expect(diagnostics).toMatchObject([
      {
        code: 'credential_parameter',
        message: '1 operation (GET /things) has parameters for credentials (X-Key, token)',
      },
    ]);
  });
});

describe('bodies', () => {
  const body = (content: JsonObject, more: JsonObject = {}) =>
    importOperation({ requestBody: { content, ...more } }).operation;

  test('of JSON have a parameter for each property of all their parts', () => {
    const operation = body({
      'application/vnd.api+json': {
        schema: {
          allOf: [
            { type: 'object', required: ['a'], properties: { a: text } },
            { properties: { b: text, id: { ...text, readOnly: true } } },
          ],
          anyOf: [{ required: ['a'] }, { required: ['b'] }],
        },
      },
    });
    expect(operation).toMatchObject({ content_type: 'application/vnd.api+json', body_encoding: 'json' });
    expect(operation.parameters).toEqual([
      { name: 'a', location: 'body', schema: text, required: true },
      { name: 'b', location: 'body', schema: text },
    ]);
  });

  test.each([
    ['a list', list],
    ['one of several objects', { oneOf: [range, { type: 'object', properties: { c: text } }] }],
    ['a map', { type: 'object', additionalProperties: text }],
    ['an object open to further properties', { type: 'object', properties: { a: text }, additionalProperties: true }],
    ['an object open by a schema', { type: 'object', properties: { a: text }, additionalProperties: text }],
    [
      'an object open to names of a pattern',
      { type: 'object', properties: { a: text }, patternProperties: { '^x-': text } },
    ],
    [
      'an object of names of a pattern',
      { type: 'object', patternProperties: { '^x-': text }, additionalProperties: false },
    ],
    ['an object with dots in its names', { type: 'object', properties: { 'a.b': text } }],
  ])('that are %s are one parameter', (_, schema) => {
    const operation = body({ 'application/json': { schema } }, { required: true });
    expect(operation).toMatchObject({
      body_root: 'body',
      parameters: [{ name: 'body', location: 'body', required: true }],
    });
  });

  test('of forms write objects and lists as declared', () => {
    const operation = body({
      'application/x-www-form-urlencoded': {
        schema: {
          type: 'object',
          properties: { meta: { type: 'object', additionalProperties: text }, expand: list, ids: list },
        },
        encoding: {
          meta: { style: 'deepObject', explode: true },
          expand: { style: 'deepObject', explode: true },
          ids: { explode: false },
        },
      },
    });
    expect(operation.body_encoding).toBe('form');
    expect(operation.parameters).toMatchObject([
      { name: 'meta', schema: { type: 'object' } },
      { name: 'expand', send_as: 'expand[]' },
      { name: 'ids', style: 'comma' },
    ]);
  });

  test('of open forms report that only their declared properties can be sent', () => {
    const schema = { type: 'object', properties: { a: text }, additionalProperties: true };
    const { operation, diagnostics } = importOperation({
      requestBody: { content: { 'application/x-www-form-urlencoded': { schema } } },
    });
    expect(operation.parameters).toMatchObject([{ name: 'a' }]);
    expect(diagnostics).toContainEqual(
      expect.objectContaining({
        code: 'parameter_left_out',
        message: expect.stringContaining('any further field of the body'),
      }),
    );
  });

  test('of forms have fields in their own format as text', () => {
    const operation = body({
      'application/x-www-form-urlencoded': {
        schema: { type: 'object', properties: { filter: range, note: text } },
        encoding: { filter: { contentType: 'application/json' }, note: { contentType: 'text/plain' } },
      },
    });
    expect(operation.parameters).toMatchObject([
      { name: 'filter', schema: { ...text, contentMediaType: 'application/json' } },
      { name: 'note', schema: text },
    ]);
  });

  test('of several parts report which part is sent with another media type than declared', () => {
    const { diagnostics } = importOperation({
      requestBody: {
        content: {
          'multipart/form-data': {
            schema: {
              type: 'object',
              properties: { table: text, note: text, meta: range, file: { ...text, format: 'binary' } },
            },
            encoding: {
              table: { contentType: 'text/csv' },
              note: { contentType: 'text/plain' },
              meta: { contentType: 'application/json' },
              file: { contentType: 'image/png' },
            },
          },
        },
      },
    });
    expect(diagnostics.filter(({ code }) => code === 'sent_otherwise')).toMatchObject([
      { message: expect.stringMatching(/: the field "table" without its media type text\/csv$/) },
    ]);
  });

  test('of several parts accept files', () => {
    const operation = body({
      'multipart/form-data': {
        schema: { type: 'object', properties: { file: { ...text, format: 'binary' }, note: text } },
      },
    });
    expect(operation).toMatchObject({
      body_encoding: 'multipart',
      parameters: [
        { name: 'file', schema: { required: ['data', 'filename'] } },
        { name: 'note', schema: text },
      ],
    });
  });

  test.each([
    ['text', 'text/plain', {}],
    ['bytes', 'application/octet-stream', { contentEncoding: 'base64' }],
  ])('of %s are one text', (_, contentType, more) => {
    const operation = body({ [contentType]: { schema: text } });
    expect(operation).toMatchObject({
      content_type: contentType,
      body_root: 'body',
      parameters: [{ schema: { ...text, ...more } }],
    });
  });
});

describe('sign-in', () => {
  const schemes = {
    key: { type: 'apiKey', in: 'query', name: 'key' },
    basic: { type: 'http', scheme: 'basic' },
    bearer: { type: 'http', scheme: 'Bearer' },
    cookie: { type: 'apiKey', in: 'cookie', name: 'sid' },
    machine: { type: 'oauth2', flows: { clientCredentials: { tokenUrl: 'https://a.example/token', scopes: {} } } },
    person: {
      type: 'oauth2',
      flows: {
        authorizationCode: {
          authorizationUrl: 'https://a.example/auth',
          tokenUrl: 'https://a.example/token',
          scopes: {},
        },
      },
    },
    implicit: { type: 'oauth2', flows: { implicit: { authorizationUrl: 'https://a.example/auth', scopes: {} } } },
    openid: { type: 'openIdConnect', openIdConnectUrl: 'https://a.example/.well-known' },
    app: { type: 'apiKey', in: 'header', name: 'X-App' },
  };
  const signIn = (security: JsonObject[]) => {
    const { connector } = importApi({ '/a': { get: { security } } }, { components: { securitySchemes: schemes } });
    const [authentication] = connector.authentication;
    const [operation] = connector.operations;
    return {
      type: authentication?.type,
      headers: operation?.auth_headers,
      query: operation?.auth_query,
      authentication,
    };
  };

  test.each([
    ['a key in the query', [{ key: [] }], { type: 'api_key', query: { key: '{api_key}' } }],
    ['a user name and a password', [{ basic: [] }], { type: 'basic' }],
    ['a token instead of a password', [{ basic: [] }, { bearer: [] }], { type: 'bearer' }],
    ['the client', [{ machine: ['b'] }], { type: 'oauth2_client_credentials', authentication: { scopes: ['b'] } }],
    [
      'a person',
      [{ person: ['a', 'b'] }],
      { type: 'oauth2_authorization_code', authentication: { scopes: ['a', 'b'] } },
    ],
    ['a flow that only browsers support, as a token', [{ implicit: [] }], { type: 'bearer' }],
    ['OpenID Connect, as a token', [{ openid: [] }], { type: 'bearer' }],
    ['the usable one of several', [{ cookie: [] }, { bearer: [] }], { type: 'bearer' }],
    [
      'two keys together',
      [{ key: [], app: [] }],
      { type: 'custom', query: { key: '{key}' }, headers: { 'X-App': '{app}' } },
    ],
    [
      'a key together with a token',
      [{ machine: [], app: [] }],
      {
        type: 'oauth2_client_credentials',
        headers: { Authorization: 'Bearer {access_token}', 'X-App': '{app}' },
        authentication: { fields: [{ key: 'app' }] },
      },
    ],
    ['one token for several ways to obtain it', [{ implicit: [], person: [] }], { type: 'oauth2_authorization_code' }],
    ['nothing', [], { type: undefined }],
  ])('%s', (_, security, expected) => {
    expect(signIn(security)).toMatchObject(expected);
  });

  const machine = (tokenUrl: string, options: ImportOptions = {}) => {
    const flows = { clientCredentials: { tokenUrl, scopes: {} } };
    const { connector, diagnostics } = importApi(
      { '/a': { get: { security: [{ machine: [] }] } } },
      { components: { securitySchemes: { machine: { type: 'oauth2', flows } } } },
      options,
    );
    return { authentication: connector.authentication[0], codes: diagnostics.map(({ code }) => code) };
  };

  test.each<[string, string, ImportOptions, string]>([
    ['that the document names', '/oauth/token', {}, 'https://api.example.com/oauth/token'],
    ['wherever the document is', 'token', { location: 'https://docs.example.com/x' }, 'https://api.example.com/token'],
    ['that is given', '/token', { serverUrl: 'https://own.example.com/v2' }, 'https://own.example.com/token'],
  ])('relative URLs of OAuth start at the server %s', (_, tokenUrl, options, expected) => {
    const { authentication, codes } = machine(tokenUrl, options);
    expect(authentication).toMatchObject({ type: 'oauth2_client_credentials', token_url: expected });
    expect(codes).toEqual([]);
  });

  test('a token that is pasted because its URL has no TLS is reported', () => {
    const { authentication, codes } = machine('http://api.example.com/token');
    expect(authentication).toMatchObject({ type: 'bearer' });
    expect(codes).toEqual(['insecure_token_url']);
  });

  test('the same for all operations that allow it', () => {
    const { connector } = importApi(
      { '/a': { get: { security: [{ key: [] }, { bearer: [] }] } }, '/b': { get: { security: [{ bearer: [] }] } } },
      { components: { securitySchemes: schemes } },
    );
    expect(connector.authentication.map(({ type }) => type)).toEqual(['bearer']);
  });

  test('an operation whose sign-in nobody can provide is skipped', () => {
    const { skipped } = importApi(
      { '/a': { get: { security: [{ cookie: [] }] } }, '/b': { get: {} } },
      { components: { securitySchemes: schemes } },
    );
    expect(skipped).toEqual([{ operation: 'GET /a', reason: 'Its security cannot be used: cookie' }]);
  });
});
