import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject, Plan } from '@toolplane/contracts';
import { codesOf, compile, type Example, problemsOf, requestOf, stepOf, toOpenApi } from './compile.example.ts';

const ok = { responses: { 200: { description: 'Found' } } };

describe('the URL of an operation', () => {
  const paths = (operation: JsonObject = {}, path: JsonObject = {}) => ({
    '/items/{id}': {
      ...path,
      get: { operationId: 'read', parameters: [{ name: 'id', in: 'path', required: true }], ...ok, ...operation },
    },
  });
  const steps = [{ stepId: 'a', operationId: 'read', parameters: [{ name: 'id', in: 'path', value: 1 }] }];
  const urlOf = (example: Example) => requestOf({ paths: paths(), steps, ...example }).url;
  const built = (base: string) => ({ kind: 'operation', parts: [`${base}/items/`, { parameter: 'id' }] });

  test('uses the first server, of the operation before that of the path before that of the document', () => {
    const at = (...names: string[]) => names.map((name) => ({ url: `https://${name}.example.test` }));
    const openapi = { servers: at('root', 'second') };
    expect(urlOf({ openapi })).toEqual(built('https://root.example.test'));
    expect(urlOf({ openapi, paths: paths({}, { servers: at('path') }) })).toEqual(built('https://path.example.test'));
    expect(urlOf({ openapi, paths: paths({ servers: at('operation') }, { servers: at('path') }) })).toEqual(
      built('https://operation.example.test'),
    );
  });

  test('has the variables of the source description, otherwise their defaults, within their allowed values', () => {
    const region = { default: 'eu', enum: ['eu', 'us'] };
    const openapi = {
      servers: [{ url: 'https://{region}.example.test/{base}', variables: { region, base: { default: 'v2' } } }],
    };
    expect(urlOf({ openapi })).toEqual(built('https://eu.example.test/v2'));
    expect(urlOf({ openapi, source: { 'x-server-variables': { region: 'us' } } })).toEqual(
      built('https://us.example.test/v2'),
    );
    expect(codesOf({ openapi, paths: paths(), steps, source: { 'x-server-variables': { region: 'mars' } } })).toEqual([
      'error unusable_server',
    ]);
  });

  test('is resolved against that of the source if the server is relative', () => {
    expect(urlOf({ openapi: { servers: [{ url: '../v3/' }] } })).toEqual(built('https://api.example.test/v3'));
    expect(urlOf({ openapi: { servers: [] } })).toEqual(built('https://api.example.test'));
  });

  test('has the server of the settings, else of the source description, which also replaces the base path', () => {
    const source = { 'x-server': 'https://document.example.test/a/' };
    const options = { sourceServers: { api: 'http://127.0.0.1:8080/staging' } };
    expect(urlOf({ source })).toEqual(built('https://document.example.test/a'));
    expect(urlOf({ source, options })).toEqual(built('http://127.0.0.1:8080/staging'));
    expect(problemsOf({ steps, paths: paths(), options: { sourceServers: { api: 'staging' } } })).toEqual([
      expect.stringMatching(/^error unusable_server .*operationId: The server URL "staging" is relative/),
    ]);
  });

  test('unknown settings are warned about', () => {
    const openapi = { servers: [{ url: 'https://{region}.example.test', variables: { region: { default: 'eu' } } }] };
    const source = { 'x-server-variables': { region: 'us', regoin: 'us' } };
    expect(problemsOf({ openapi, paths: paths(), steps, source })).toEqual([
      'warning unknown_variable /sourceDescriptions/0/x-server-variables/regoin: ' +
        'No server of the operations in use has the variable "regoin"',
    ]);
    const options = { sourceServers: { api: 'https://a.test', pai: 'https://b.test' } };
    expect(problemsOf({ paths: paths(), steps, options })).toEqual([
      'warning unknown_source /sourceDescriptions: sourceServers has "pai", but there is no such source description',
    ]);
  });

  test.each(['$inputs.region', '{region}', 'a}'])('a variable is not an expression: %s', (region) => {
    const openapi = { servers: [{ url: 'https://{region}.example.test', variables: { region: { default: 'eu' } } }] };
    expect(codesOf({ openapi, paths: paths(), steps, source: { 'x-server-variables': { region } } })).toContain(
      'error invalid_variable',
    );
  });

  // Whoever chooses the host receives the credentials.
  test('never takes the host from a value of the run', () => {
    const value = '//evil.example.test';
    const values = [
      { name: 'id', in: 'path', value },
      { name: 'host', in: 'path', value },
    ];
    expect(urlOf({ steps: [{ stepId: 'a', operationId: 'read', parameters: values }] })).toEqual(
      built('https://api.example.test/v1'),
    );
    const openapi = { servers: [{ url: 'https://{host}' }] };
    expect(codesOf({ openapi, paths: paths(), steps })).toEqual(['error unusable_server']);
  });
});

test('an operation that documents a redirect gets it as its response', () => {
  const paths = { '/a': { get: { operationId: 'read', responses: { 302: { description: 'Elsewhere' } } } } };
  expect(requestOf({ paths }).returnsRedirects).toBe(true);
  expect(requestOf({})).not.toHaveProperty('returnsRedirects');
});

test('the timeout of a step is in milliseconds', () => {
  expect(stepOf({ steps: [{ stepId: 'a', operationId: 'read', timeout: 1500 }] }).timeoutMs).toBe(1500);
});

describe('credentials of a security scheme', () => {
  const schemes = {
    key: { type: 'apiKey', in: 'header', name: 'X-Key' },
    'query-key': { type: 'apiKey', in: 'query', name: 'key' },
    sid: { type: 'apiKey', in: 'cookie', name: 'sid' },
    bearer: { type: 'http', scheme: 'Bearer' },
    basic: { type: 'http', scheme: 'basic' },
    machine: { type: 'oauth2', flows: { clientCredentials: { tokenUrl: '/token', scopes: { read: '' } } } },
    person: {
      type: 'oauth2',
      flows: { authorizationCode: { authorizationUrl: 'https://a.test', tokenUrl: 'https://a.test', scopes: {} } },
    },
    oidc: { type: 'openIdConnect', openIdConnectUrl: 'https://a.test' },
    mtls: { type: 'mutualTLS' },
  };
  const secured = (security: Json, more: Example = {}): Example => ({
    openapi: { components: { securitySchemes: schemes } },
    paths: { '/items': { get: { operationId: 'read', security, ...ok } } },
    ...more,
  });
  const credentialsOf = (security: Json, more?: Example) =>
    (requestOf(secured(security, more)).parameters ?? []).map(({ name, in: place, value, isCredential }) => {
      expect(isCredential).toBe(true);
      return [place, name, value];
    });
  const secret = (name: string) => ({ kind: 'reference', path: ['secrets', name] });
  const bearer = (name: string) => ({ kind: 'text', parts: ['Bearer ', { path: ['secrets', name] }] });

  test.each<[string, Json]>([
    ['key', ['header', 'X-Key', secret('api_key')]],
    ['query-key', ['query', 'key', secret('api_query_key')]],
    ['sid', ['cookie', 'sid', secret('api_sid')]],
    ['bearer', ['header', 'Authorization', bearer('api_bearer')]],
    ['basic', ['header', 'Authorization', { kind: 'base64', of: secret('api_basic'), prefix: 'Basic ' }]],
    ['person', ['header', 'Authorization', bearer('api_person')]],
    ['oidc', ['header', 'Authorization', bearer('api_oidc')]],
  ])('of %s are a secret of the server', (name, expected) => {
    expect(credentialsOf([{ [name]: [] }])).toEqual([expected]);
    expect(stepOf(secured([{ [name]: [] }])).secrets).toEqual([`api_${name.replace('-', '_')}`]);
  });

  test('of OAuth 2 client credentials are a token that is obtained for the request', () => {
    const step = stepOf(secured([{ machine: ['read'] }]));
    expect(step.request?.parameters).toMatchObject([{ value: bearer('api_machine.token') }]);
    expect(step.tokens).toEqual([
      {
        name: 'api_machine.token',
        secret: 'api_machine',
        tokenUrl: 'https://api.example.test/token',
        scopes: ['read'],
      },
    ]);
    expect(step.secrets).toEqual([]);
  });

  test('of a client are obtained from the server of the API if the URL of the document is not known', () => {
    const openapi = { components: { securitySchemes: schemes }, servers: [{ url: 'https://real.example.test/v1' }] };
    const example = secured([{ machine: [] }], { openapi, source: { url: 'api.json' } });
    const reference = { name: 'api', content: JSON.stringify(toOpenApi(example)), location: 'api.json' };
    const step = stepOf({ ...example, options: { references: [reference] } });
    expect(step.tokens).toMatchObject([{ tokenUrl: 'https://real.example.test/token' }]);
  });

  test('come from the secret that x-secrets names', () => {
    expect(credentialsOf([{ key: [] }], { source: { 'x-secrets': { key: 'OTHER' } } })).toEqual([
      ['header', 'X-Key', secret('OTHER')],
    ]);
  });

  test('that the server does not have are a warning', () => {
    expect(problemsOf(secured([{ key: [] }]))).toEqual([
      'warning secret_missing /sourceDescriptions/0: Secret api_key is needed for security scheme key of source api',
    ]);
    expect(codesOf(secured([{ key: [] }], { options: { secretNames: ['api_key'] } }))).toEqual([]);
  });

  test('are those of the first alternative that the server has, else none if that is allowed, else the first', () => {
    const both = [{ key: [] }, { bearer: [], sid: [] }];
    const [key, second] = [['X-Key'], ['Authorization', 'sid']];
    const namesFor = (security: Json, ...secretNames: string[]) =>
      credentialsOf(security, { options: { secretNames } }).map(([, name]) => name);
    expect(namesFor(both)).toEqual(key);
    expect(namesFor(both, 'api_bearer', 'api_sid')).toEqual(second);
    expect(namesFor([...both, {}], 'api_sid')).toEqual([]);
    expect(namesFor([{}, ...both], 'api_key')).toEqual(key);
  });

  test('are what the step itself sets, and then no secret is needed', () => {
    const parameters = [{ name: 'x-key', in: 'header', value: '$inputs.key' }];
    const inputs = { type: 'object', properties: { key: {} } };
    const own = secured([{ key: [] }], {
      steps: [{ stepId: 'a', operationId: 'read', parameters }],
      workflow: { inputs },
    });
    expect(codesOf(own)).toEqual(['warning undeclared_parameter']);
    expect(requestOf(own).parameters).toMatchObject([{ name: 'x-key', value: { path: ['inputs', 'key'] } }]);
    expect(stepOf(own).secrets).toEqual([]);
  });

  test('that only a certificate could provide are refused, unless there is an alternative', () => {
    expect(codesOf(secured([{ mtls: [] }]))).toEqual(['error unsupported_security']);
    expect(credentialsOf([{ mtls: [] }, { key: [] }])).toEqual([['header', 'X-Key', secret('api_key')]]);
  });

  test('that cannot be sent are refused', () => {
    const named = (name: string) => ({
      ...secured([{ odd: [] }]),
      openapi: { components: { securitySchemes: { odd: { type: 'apiKey', in: 'header', name } } } },
    });
    expect(codesOf(named('Host'))).toEqual(['error unsupported_security']);
    expect(codesOf(named('X Key'))).toEqual(['error unsupported_security']);
    // Both are sent in the header Authorization.
    expect(codesOf(secured([{ bearer: [], basic: [] }]))).toEqual(['error unsupported_security']);
    expect(codesOf(secured([{ bearer: [], basic: [] }, { key: [] }]))).toEqual(['warning secret_missing']);
  });

  test('of two schemes are merged if they are the same', () => {
    const source = { 'x-secrets': { person: 'TOKEN', oidc: 'TOKEN' } };
    expect(credentialsOf([{ person: [], oidc: [] }], { source })).toEqual([
      ['header', 'Authorization', bearer('TOKEN')],
    ]);
  });

  test('of two flows of one authorization, declared as two schemes, are those of the first', () => {
    expect(codesOf(secured([{ oidc: [], person: [] }]))).toEqual(['warning secret_missing']);
    expect(credentialsOf([{ oidc: [], person: [] }]).map(([, name]) => name)).toEqual(['Authorization']);
  });

  test('that are optional are reported as missing, but not needed', () => {
    expect(problemsOf(secured([{}, { key: [] }]))).toEqual([
      'warning secret_missing /sourceDescriptions/0: Without secret api_key for security scheme key of source api, ' +
        'an operation is sent without credentials',
    ]);
    expect(codesOf(secured([{}, { key: [] }], { options: { secretNames: ['api_key'] } }))).toEqual([]);
    expect(codesOf(secured([{}]))).toEqual([]);
  });

  test('that x-secrets names for an unused scheme are reported', () => {
    expect(problemsOf(secured([], { source: { 'x-secrets': { kye: 'K' } } }))).toEqual([
      'warning unknown_scheme /sourceDescriptions/0/x-secrets/kye: ' +
        'None of the operations in use has the security scheme "kye"',
    ]);
  });

  // The secret of one API would be sent to the other.
  test('of two schemes never share a secret by chance', () => {
    const two = secured([{ 'a-b': [] }, { a_b: [] }], {
      openapi: { components: { securitySchemes: { 'a-b': schemes.key, a_b: schemes.bearer } } },
    });
    expect(problemsOf(two).filter((problem) => problem.startsWith('error'))).toEqual([
      'error secret_collision /sourceDescriptions/0: The secret "api_a_b" would be used for scheme "a-b" of source ' +
        '"api" and for scheme "a_b" of source "api"',
    ]);
    expect(codesOf({ ...two, source: { 'x-secrets': { a_b: 'OTHER' } } })).toEqual(['warning secret_missing']);
  });

  test('of a client go to an https URL, unless the API itself has none', () => {
    const machine = { type: 'oauth2', flows: { clientCredentials: { tokenUrl: 'http://a.test/token', scopes: {} } } };
    const plain = secured([{ machine: [] }], { openapi: { components: { securitySchemes: { machine } } } });
    expect(codesOf(plain)).toContain('error insecure_token_url');
    expect(codesOf({ ...plain, options: { sourceServers: { api: 'http://127.0.0.1:1' } } })).toEqual([
      'warning secret_missing',
    ]);
  });

  test('are none if the operation wants none', () => {
    const openapi = { components: { securitySchemes: schemes }, security: [{ key: [] }] };
    const plan = ({ paths, ...more }: Example): Plan =>
      compile({ openapi, ...more, ...(paths === undefined ? {} : { paths }) }).plan;
    expect(plan({}).steps[0]?.secrets).toEqual(['api_key']);
    const open = { '/items': { get: { operationId: 'read', security: [], ...ok } } };
    expect(plan({ paths: open }).steps[0]?.secrets).toEqual([]);
  });
});

describe('a request that may have to be sent again', () => {
  const keyed = { 'x-idempotency-key': { header: 'Idempotency-Key' } };
  const step = (more: JsonObject): Example => ({ steps: [{ stepId: 'a', operationId: 'write', ...more }] });

  test('has a key, or is declared harmless to repeat', () => {
    expect(requestOf(step(keyed)).idempotencyKey).toEqual({ header: 'Idempotency-Key' });
    expect(requestOf(step({ 'x-idempotent': true })).isIdempotent).toBe(true);
    expect(problemsOf(step({ ...keyed, 'x-idempotent': false }))).toEqual([]);
  });

  test('fills with its key the parameter that the API requires for it', () => {
    const parameters = [{ name: 'idempotency-key', in: 'header', required: true, schema: { type: 'string' } }];
    const paths = { '/items': { post: { operationId: 'write', parameters, ...ok } } };
    expect(problemsOf({ ...step(keyed), paths })).toEqual([]);
    expect(codesOf({ ...step({}), paths })).toEqual(['warning missing_parameter']);
  });

  test('has no other value in place of its key', () => {
    const parameters = [{ name: 'idempotency-key', in: 'header', value: 'mine' }];
    expect(codesOf(step({ ...keyed, parameters }))).toContain('error duplicate_header');
    expect(codesOf(step({ 'x-idempotency-key': { header: 'Host' } }))).toEqual(['error reserved_header']);
  });

  test('has no key of its own if its step calls a workflow, which is reported', () => {
    const workflows = [{ workflowId: 'sub', steps: [{ stepId: 'b', operationId: 'write' }] }];
    const steps = [{ stepId: 'a', workflowId: 'sub', ...keyed, 'x-idempotent': true }];
    expect(codesOf({ steps, workflows })).toEqual(['warning ignored_key', 'warning ignored_key']);
  });
});
