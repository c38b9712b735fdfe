import { describe, expect, test } from '@jest/globals';
import type { Json } from '@toolplane/contracts';
import fc from 'fast-check';
import { api, get, refusal } from './read.example.ts';

describe('bodies', () => {
  test('have their media types in order, with schemas and encodings', () => {
    const components = {
      schemas: { pet: { type: 'object' } },
      mediaTypes: {
        form: {
          encoding: {
            tags: { style: 'form', explode: false },
            file: { contentType: 'image/png', allowReserved: true },
          },
        },
      },
    };
    const content = {
      'application/xml': {},
      'application/json': { schema: { $ref: '#/components/schemas/pet' } },
      'multipart/form-data': { $ref: '#/components/mediaTypes/form' },
    };
    expect(get({ requestBody: { required: true, description: 'B', content } }, { components }).requestBody).toEqual({
      isRequired: true,
      description: 'B',
      content: [
        ['application/xml', { encoding: {} }],
        ['application/json', { schema: { type: 'object' }, encoding: {} }],
        [
          'multipart/form-data',
          {
            encoding: {
              tags: { style: 'form', explode: false },
              file: { contentType: 'image/png', allowReserved: true },
            },
          },
        ],
      ],
    });
  });

  test('are optional and may be shared', () => {
    const components = { requestBodies: { b: { content: { 'text/plain': {} } } } };
    expect(get({ requestBody: { $ref: '#/components/requestBodies/b' } }, { components }).requestBody).toEqual({
      isRequired: false,
      content: [['text/plain', { encoding: {} }]],
    });
    expect(get({}).requestBody).toBeUndefined();
  });
});

describe('servers', () => {
  const servers = (name: string) => [{ url: `https://${name}` }];

  test.each([
    ['the operation', servers('operation'), servers('path'), servers('root'), 'https://operation'],
    ['its path', [], servers('path'), servers('root'), 'https://path'],
    ['the document', undefined, [], servers('root'), 'https://root'],
    ['nobody', undefined, undefined, [], '/'],
  ])('are those of %s', (_, ofOperation, ofPath, ofRoot, url) => {
    const has = (list: Json | undefined) => (list === undefined ? {} : { servers: list });
    const operation = get(has(ofOperation), { ofPath: has(ofPath), ...has(ofRoot) });
    expect(operation.servers).toEqual([{ url, variables: {} }]);
  });

  test('have variables; numbers become text', () => {
    const variables = { port: { default: 8443, enum: [8443, '443'] }, base: { default: 'v1' } };
    const [server] = get({ servers: [{ url: 'https://h:{port}/{base}', variables }] }).servers;
    expect(server?.variables).toEqual({ port: { default: '8443', enum: ['8443', '443'] }, base: { default: 'v1' } });
  });

  test('if malformed, are refused where they are used', () => {
    expect(refusal(() => get({ servers: [{}] }))).toContain('"url" is missing');
    expect(refusal(() => get({ servers: 'https://x' }))).toContain('must be a list');
  });
});

describe('security', () => {
  const securitySchemes = {
    key: { type: 'apiKey', in: 'header', name: 'X-Key' },
    bearer: { type: 'http', scheme: 'Bearer' },
    shared: { $ref: '#/components/securitySchemes/key' },
    machine: { type: 'oauth2', flows: { clientCredentials: { tokenUrl: '../token', scopes: {} } } },
    person: { type: 'oauth2', flows: { implicit: {} } },
    certificate: { type: 'mutualTLS' },
    openId: { type: 'openIdConnect', openIdConnectUrl: 'https://x' },
  };
  const security = (list: Json | undefined, ofRoot?: Json) =>
    get(list === undefined ? {} : { security: list }, {
      components: { securitySchemes },
      ...(ofRoot === undefined ? {} : { security: ofRoot }),
    }).security;

  test('has alternatives, each with everything that it needs', () => {
    expect(security([{ key: [], machine: ['read'] }, { bearer: {} }])).toEqual([
      [
        { schemeName: 'key', scopes: [], scheme: { type: 'apiKey', in: 'header', name: 'X-Key' } },
        {
          schemeName: 'machine',
          scopes: ['read'],
          scheme: { type: 'oauth2', clientCredentialsTokenUrl: 'https://example.com/token' },
        },
      ],
      [{ schemeName: 'bearer', scopes: [], scheme: { type: 'http', scheme: 'bearer' } }],
    ]);
  });

  test('is that of the operation, otherwise of the document; an empty list is none and {} is optional', () => {
    expect(security(undefined, [{ shared: [] }])).toMatchObject([
      [{ schemeName: 'shared', scheme: { name: 'X-Key' } }],
    ]);
    expect(security([], [{ key: [] }])).toEqual([]);
    expect(security([{}, { person: [] }], [{ key: [] }])).toMatchObject([[], [{ scheme: { type: 'oauth2' } }]]);
    expect(security(undefined)).toEqual([]);
  });

  test('has schemes that need no more than their name', () => {
    expect(security([{ certificate: [] }, { openId: [] }])).toMatchObject([
      [{ scheme: { type: 'mutualTLS' } }],
      [{ scheme: { type: 'openIdConnect' } }],
    ]);
  });

  test('refuses an undeclared scheme', () => {
    expect(refusal(() => security([{ nobody: [] }]))).toContain('There is no security scheme "nobody"');
    expect(refusal(() => security([{ constructor: [] }]))).toContain('There is no security scheme "constructor"');
  });
});

describe('a path', () => {
  const pathOf = (path: string) => {
    const found = api({ [path]: { get: { operationId: 'op' } } }).findById('op');
    return found?.path;
  };

  // Characters that a URL cuts off or resolves would send the request, with its credentials, to another location.
  test.each(['/a#b', '/..', '/a/../b', '/a/.', '/%2e%2E/b', '/.%2e', '/a\\..\\b', '/.\t./b', 'a'])(
    'that would not be sent as written is refused: %j',
    (path) => {
      expect(refusal(() => pathOf(path))).toContain('A path ');
    },
  );

  test.each(['/a?kind=b', '/a..b/...', '/{id}/.well-known', '/a?to=/../b', '//a'])('is kept: %j', (path) => {
    expect(pathOf(path)).toBe(path);
  });
});

const members = ['parameters', 'requestBody', 'responses', 'servers', 'security', 'summary', 'deprecated'];

test('a key without a value counts as absent', () => {
  const empty = Object.fromEntries(members.map((key) => [key, null]));
  const ofPath = { parameters: null, servers: null };
  expect(get(empty, { ofPath, servers: null, security: null, components: null })).toEqual(get({}));
});

test('whatever an operation contains, it is read or refused', () => {
  const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>;
  const known = fc.constantFrom('name', 'in', '$ref', 'schema', 'content', 'encoding', 'variables', 'url', 'enum');
  const value = fc.oneof(json, fc.array(fc.dictionary(known, json), { maxLength: 3 }), fc.dictionary(known, json));
  fc.assert(
    fc.property(fc.constantFrom(...members), value, fc.boolean(), (key, written, isOfPath) => {
      const part = { [key]: written as Json };
      refusal(() => (isOfPath ? get({}, { ofPath: part }) : get(part, { components: { securitySchemes: part } })));
    }),
  );
});
