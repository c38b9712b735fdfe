import { describe, expect, test } from '@jest/globals';
import type { PlanConnection, Template } from '@toolplane/contracts';
import { compileExample, compileTool, exampleConnector, type OperationInput } from '../connector.example.ts';
import type { ConnectorInput } from '../descriptor/connector-schema.ts';

type Authentication = NonNullable<ConnectorInput['authentication']>[number];

function compile(
  authentication: Authentication,
  operation: Partial<OperationInput> = {},
  rest: Partial<ConnectorInput> = {},
): { connection: PlanConnection | undefined; headers: [string, Template][]; query: [string, Template][] } {
  const ref = authentication.id ?? authentication.type;
  const connector = exampleConnector(
    { auth_type_ref: ref, ...operation },
    { authentication: [authentication], ...rest },
  );
  const { connection, steps } = compileTool(connector, { authentication: ref }).plan;
  return { connection, headers: steps[0]?.request?.headers ?? [], query: steps[0]?.request?.query ?? [] };
}

const secret = (key: string): Template => ({ kind: 'reference', path: ['secrets', key] });
const after = (text: string, key: string): Template => ({ kind: 'text', parts: [text, { path: ['secrets', key] }] });
const token = { key: 'token', field_type: 'secret', required: true } as const;
const urls = { token_url: 'https://auth.example.com/token', scopes: ['read'] };

describe('credentials are written', () => {
  test('without an authentication nowhere, but the instance is still named', () => {
    const { plan } = compileTool(exampleConnector({}));
    expect(plan.connection).toEqual({ ownerId: 'w', instanceId: 'i', connector: 'example' });
  });

  test('of type none nowhere', () => {
    expect(compile({ type: 'none' })).toMatchObject({
      headers: [],
      connection: expect.not.objectContaining({ authentication: {} }),
    });
    expect(compile({ type: 'none' }).connection?.authentication).toBeUndefined();
  });

  test('of an API key where the operation says', () => {
    const fields = [{ key: 'api_key', field_type: 'secret' as const }, { key: 'unused' }];
    const { connection, headers, query } = compile(
      { type: 'api_key', fields },
      { auth_headers: { 'X-API-Key': '{api_key}', 'X-App': 'v{{1}}' }, auth_query: { key: 'k-{api_key}' } },
    );
    expect(headers).toEqual([
      ['X-API-Key', secret('api_key')],
      ['X-App', { kind: 'literal', value: 'v{1}' }],
    ]);
    expect(query).toEqual([['key', after('k-', 'api_key')]]);
    expect(connection?.authentication).toEqual({
      id: 'api_key',
      fields: [{ key: 'api_key', isSecret: true, isRequired: false }],
      ownToken: 'api_key',
    });
  });

  test('of type bearer as RFC 6750 defines it', () => {
    const { connection, headers } = compile({ type: 'bearer', id: 'main', fields: [token] });
    expect(headers).toEqual([['Authorization', after('Bearer ', 'token')]]);
    expect(connection?.authentication).toMatchObject({ id: 'main', ownToken: 'token' });
  });

  test.each<[what: string, fields: NonNullable<Authentication['fields']>, username: string, password: string]>([
    ['implied', [], 'username', 'password'],
    ['two others', [{ key: 'email' }, { key: 'api_token', field_type: 'secret' }], 'email', 'api_token'],
    ['declared', [{ key: 'password', field_type: 'secret' }, { key: 'username' }], 'username', 'password'],
    [
      'called password beside another',
      [{ key: 'user' }, { key: 'password', field_type: 'secret' }],
      'user',
      'password',
    ],
    [
      'called username beside another',
      [{ key: 'username' }, { key: 'api_key', field_type: 'secret' }],
      'username',
      'api_key',
    ],
    ['in the other order', [{ key: 'password', field_type: 'secret' }, { key: 'user' }], 'user', 'password'],
    ['implied beside one', [{ key: 'region' }], 'username', 'password'],
  ])('of type basic, with fields that are %s', (_what, fields, username, password) => {
    const { connection, headers } = compile({ type: 'basic', fields });
    expect(headers).toEqual([['Authorization', after('Basic ', 'basic')]]);
    expect(connection?.authentication).toMatchObject({ basic: { username, password }, ownToken: 'basic' });
    expect(connection?.authentication?.fields.map(({ key }) => key).toSorted()).toEqual(
      [username, password].toSorted(),
    );
  });

  test('of OAuth with the token that is obtained for the client', () => {
    const { connection, headers } = compile({ type: 'oauth2_client_credentials', ...urls, client_auth: 'body' });
    expect(headers).toEqual([['Authorization', after('Bearer ', 'access_token')]]);
    expect(connection?.authentication).toEqual({
      id: 'oauth2_client_credentials',
      fields: [
        { key: 'client_id', isSecret: false, isRequired: true },
        { key: 'client_secret', isSecret: true, isRequired: true },
      ],
      token: { grant: 'client_credentials', tokenUrl: urls.token_url, scopes: ['read'], clientAuth: 'body' },
      ownToken: 'access_token',
    });
  });

  test('of OAuth with the token of a person', () => {
    const authentication = {
      type: 'oauth2_authorization_code',
      ...urls,
      authorization_url: 'https://a.example',
    } as const;
    expect(compile(authentication, { auth_query: { t: '{access_token}' } })).toMatchObject({
      headers: [],
      query: [['t', secret('access_token')]],
      connection: { authentication: { token: { grant: 'authorization_code', clientAuth: 'basic' } } },
    });
  });
});

describe("a caller's own token that is exchanged (RFC 8693)", () => {
  const exchange = { type: 'oauth2_token_exchange', ...urls } as const;

  test('replaces no secret: the API never gets it (B035)', () => {
    const { connection, headers } = compile(exchange);
    expect(headers).toEqual([['Authorization', after('Bearer ', 'access_token')]]);
    expect(connection?.authentication).toEqual({
      id: 'oauth2_token_exchange',
      fields: [
        { key: 'client_id', isSecret: false, isRequired: true },
        { key: 'client_secret', isSecret: true, isRequired: true },
      ],
      token: {
        grant: 'token_exchange',
        tokenUrl: urls.token_url,
        scopes: ['read'],
        clientAuth: 'basic',
        exchange: { subjectTokenType: 'urn:ietf:params:oauth:token-type:access_token' },
      },
    });
  });

  test('nor if an operation uses something else of the same authentication', () => {
    const fields = [{ key: 'api_key', field_type: 'secret' as const }];
    const { connection } = compile({ ...exchange, fields }, { auth_headers: { 'X-Key': '{api_key}' } });
    expect(connection?.authentication).toEqual({
      id: 'oauth2_token_exchange',
      fields: [{ key: 'api_key', isSecret: true, isRequired: false }],
    });
  });

  test('is requested as the descriptor says', () => {
    const given = { audience: 'tickets', resource: 'api://tickets', subject_token_type: 'urn:x:jwt' };
    expect(compile({ ...exchange, ...given }).connection?.authentication?.token?.exchange).toEqual({
      audience: 'tickets',
      resource: 'api://tickets',
      subjectTokenType: 'urn:x:jwt',
    });
  });
});

describe('the value of a field is masked', () => {
  test.each<[what: string, field: object, isSecret: boolean]>([
    ['whatever it is', {}, true],
    ['although it has a default', { default_value: 'main' }, true],
    ['not if it is marked as public', { public: true }, false],
    ['not if the descriptor lists its values', { field_type: 'select', options: ['eu', 'us'] }, false],
    ['not if it is true or false', { field_type: 'boolean' }, false],
  ])('%s', (_what, field, isSecret) => {
    const fields = [token, { key: 'account', ...field }];
    const headers = { 'X-Key': '{token}', 'X-Account': '{account}' };
    const { connection } = compile({ type: 'custom', fields }, { auth_headers: headers });
    expect(connection?.authentication?.fields[1]).toMatchObject({ key: 'account', isSecret });
  });
});

describe("a caller's own credentials", () => {
  const headers = { auth_headers: { 'X-Key': '{token}', 'X-Account': '{account}' } };
  test.each<[what: string, account: object, ownToken: string | undefined]>([
    ['replace the single required field', {}, 'token'],
    ['are of no use if there are two', { field_type: 'secret' }, undefined],
    ['are of no use beside a required field', { required: true }, undefined],
    ['are used beside a default', { required: true, default_value: 'main' }, 'token'],
  ])('%s', (_what, account, ownToken) => {
    const fields = [token, { key: 'account', ...account }];
    expect(compile({ type: 'custom', fields }, headers).connection?.authentication?.ownToken).toBe(ownToken);
  });

  test('are of no use if the descriptor refuses them', () => {
    const authentication = { type: 'bearer', fields: [token], caller_token: 'refuse' } as const;
    expect(compile(authentication as unknown as Authentication).connection?.authentication).not.toHaveProperty(
      'ownToken',
    );
  });
});

describe('a sign-in of several requests', () => {
  const chains: ConnectorInput['credential_chains'] = [
    {
      id: 'login',
      ttl_seconds: 60,
      steps: [
        {
          request: {
            url: 'https://a.example/login/{user}',
            body: { user: '{user}', key: 'k {key}', list: [1, '{key}'] },
          },
          extract: { session: 'data.session' },
        },
        {
          request: {
            method: 'GET',
            url: 'https://a.example/token?for={user}',
            headers: { 'X-Session': '{chain.session}' },
          },
          extract: { token: 'token' },
        },
      ],
    },
    {
      id: 'other',
      steps: [{ request: { url: 'https://b.example', body: 'a={key}', body_encoding: 'form' }, extract: { b: 'b' } }],
    },
  ];
  const fields = [{ key: 'user' }, { key: 'key', field_type: 'secret' as const, required: true }, { key: 'unused' }];
  const compileChain = (text: string) =>
    compile({ type: 'custom', fields }, { auth_headers: { 'X-Token': text } }, { credential_chains: chains }).connection
      ?.authentication;

  test('is part of the plans that use its results, with the fields that it needs', () => {
    const authentication = compileChain('{chain.token}');
    expect(authentication?.fields.map(({ key }) => key)).toEqual(['user', 'key']);
    expect(authentication?.ownToken).toBe('chain.token');
    expect(authentication?.chains?.map(({ id, ttlMs }) => [id, ttlMs])).toEqual([['login', 60_000]]);
    const [first, second] = authentication?.chains?.[0]?.steps ?? [];
    expect(first).toEqual({
      request: {
        method: 'POST',
        url: { kind: 'parts', parts: ['https://a.example/login/', { path: ['secrets', 'user'], where: 'path' }] },
        headers: [],
        query: [],
        body: {
          kind: 'map',
          entries: [
            ['user', secret('user')],
            ['key', after('k ', 'key')],
            ['list', { kind: 'list', items: [{ kind: 'literal', value: 1 }, secret('key')] }],
          ],
          sparse: true,
        },
        bodyType: 'json',
      },
      extract: [['session', { kind: 'jmespath', expression: '$."response"."body" | data.session' }]],
    });
    expect(second?.request).toMatchObject({
      url: { parts: ['https://a.example/token?for=', { path: ['secrets', 'user'], where: 'query' }] },
      headers: [['X-Session', secret('chain.session')]],
    });
  });

  test('has a text body, whose values are encoded in a form', () => {
    expect(compileChain('{chain.b}')?.chains?.[0]?.steps[0]?.request).toMatchObject({
      bodyType: 'form',
      body: { kind: 'text', escape: 'form', parts: ['a=', { path: ['secrets', 'key'] }] },
    });
  });

  test('is omitted if nothing uses it', () => {
    expect(compileChain('{key}')).toEqual({
      id: 'custom',
      fields: [{ key: 'key', isSecret: true, isRequired: true }],
      ownToken: 'key',
    });
  });
});

test('rate limits are those of the connector', () => {
  const limits = [{ scope: 'per_user', limit: 5, interval_seconds: 2 }] as const;
  const { plan } = compileTool(exampleConnector({}, { rate_limits: [...limits] }));
  expect(plan.connection?.rateLimits).toEqual([{ scope: 'per_user', limit: 5, intervalMs: 2000 }]);
});

describe('the test of a connection', () => {
  const test_endpoint = { url: 'https://api.example.com/me', expected_status: [200, 302] };
  const authentication = {
    type: 'api_key',
    fields: [{ key: 'api_key', field_type: 'secret' }],
    test_endpoint,
  } as const;
  const connector = exampleConnector(
    { auth_type_ref: 'api_key', auth_headers: { 'X-API-Key': '{api_key}' } },
    {
      authentication: [authentication as unknown as Authentication],
      rate_limits: [{ scope: 'per_user', limit: 1, interval_seconds: 1 }],
    },
  );

  test('sends the credentials of a call, returns nothing and is not counted', () => {
    const { document } = compileExample(connector, { authentication: 'api_key' });
    expect(document?.connectionTest).toMatchObject({
      tool: 'connection_test',
      outputs: [],
      connection: { authentication: { id: 'api_key' } },
      steps: [
        {
          request: {
            method: 'GET',
            url: { kind: 'operation', parts: ['https://api.example.com/me'] },
            headers: [['X-API-Key', secret('api_key')]],
            returnsRedirects: true,
          },
          outputs: [],
          failure: { succeeds: { kind: 'or', of: [{}, {}] }, actions: [] },
        },
      ],
    });
    expect(document?.connectionTest?.connection?.rateLimits).toBeUndefined();
  });

  test('is that of the authentication that the instance uses', () => {
    expect(compileExample(connector).document?.connectionTest).toBeUndefined();
  });
});
