import { describe, expect, test } from '@jest/globals';
import { exampleConnector } from '../connector.example.ts';
import { readConnector } from '../read-connector.ts';

const authentication = [
  { type: 'api_key', fields: [{ key: 'api_key', field_type: 'secret' }] },
  { type: 'oauth2_client_credentials', token_url: 'https://a.example/token' },
];
const parameters = [{ name: 'a', location: 'query' }];
const credential_chains = [
  { id: 'login', authentication: 'api_key', steps: [{ request: { url: 'https://a.example' } }] },
];
const rate_limits = [{ scope: 'per_user', limit: 1, interval_seconds: 1 }];
const pagination = { type: 'page', page_param: 'page' };

const base = { ...exampleConnector({}), authentication, credential_chains, rate_limits, sla: {} };
const [operation] = base.operations ?? [];
const text = JSON.stringify({ ...base, operations: [{ ...operation, parameters, pagination, response: {} }] });

/** Returns the descriptor with another value in one place. */
function withValue(path: string, value: unknown): string {
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const root: unknown = JSON.parse(text);
  const parent = keys.reduce<unknown>((inside, key) => (inside as Record<string, unknown>)[key], root);
  (parent as Record<string, unknown>)[last] = value;
  return JSON.stringify(root);
}

function errorsAt(path: string, value: unknown): string[] {
  const { diagnostics } = readConnector(withValue(path, value));
  const pointer = `/${path.replaceAll('.', '/')}`;
  return diagnostics.flatMap((each) =>
    each.severity === 'error' && each.pointer.startsWith(pointer) ? [each.code] : [],
  );
}

const long = (length: number) => 'x'.repeat(length);

describe('limits of a descriptor', () => {
  test.each<[path: string, fit: unknown[], refused: unknown[]]>([
    ['metadata.name', [long(3), long(200)], [long(2), long(201)]],
    ['metadata.slug', ['a-1', long(100)], ['ab', long(101), 'A-b', 'a_b']],
    ['metadata.version', ['1.0.0', '0.0.1-rc.1'], ['1.0', 'v1.0.0', '01.0.0', '']],
    ['metadata.description', [long(10), long(2000)], [long(9), long(2001)]],
    ['metadata.summary', ['', long(300)], [long(301)]],
    ['metadata.publisher', [long(2), long(200)], [long(1), long(201)]],
    ['metadata.documentation_url', ['https://a.example/b'], ['a.example', 'ftp://a.example', 'https://a b']],
    ['metadata.categories', [[], ['saas', 'custom']], [['crm'], 'saas']],
    ['authentication.0.type', [], ['apikey', null]],
    ['authentication.0.fields.0.key', ['api_key', `a${'0'.repeat(63)}`], ['A', '1a', 'a-b', `a${'0'.repeat(64)}`]],
    ['authentication.0.fields.0.field_type', ['string', 'secret', 'number', 'boolean', 'url'], ['text']],
    ['authentication.0.test_endpoint', [{ url: 'https://a.example', expected_status: [200, 204] }], [{}]],
    ['authentication.1.client_auth', ['basic', 'body'], ['header']],
    ['authentication.1.scopes', [['a', 'b']], ['a b', ['']]],
    ['operations.0.method', ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'], ['get', 'OPTIONS']],
    ['operations.0.body_encoding', ['json', 'form', 'multipart'], ['xml']],
    ['operations.0.parameters.0.location', ['query', 'header'], ['cookie', 'Query']],
    ['operations.0.parameters.0.field_type', ['string', 'integer', 'number', 'boolean', 'array', 'object'], ['date']],
    ['operations.0.parameters.0.max_length', [1], [0, 1.5]],
    ['operations.0.response.max_bytes', [1, 5 * 1024 ** 2], [0, 5 * 1024 ** 2 + 1]],
    ['operations.0.pagination.max_pages', [1, 10], [0, 11]],
    ['credential_chains.0.ttl_seconds', [0, 86_400], [-1, 86_401]],
    ['credential_chains.0.steps', [], [[]]],
    ['rate_limits.0.scope', ['per_account', 'per_instance', 'per_user', 'per_token'], ['per_call']],
    ['rate_limits.0.limit', [1], [0, 1.5]],
    ['rate_limits.0.interval_seconds', [1, 86_400], [0, 86_401]],
    ['sla.availability_percentage', [0, 99.5, 100], [-1, 101]],
    ['mcp_config.server_name', ['x', long(100)], ['', long(101)]],
    ['mcp_config.server_description', ['x', long(500)], ['', long(501)]],
    ['mcp_config.route_mappings.0.mcp_tool_name', ['a_B.c-1', long(100)], ['', long(101), 'a b', 'é']],
    ['mcp_config.route_mappings.0.max_output_bytes', [1, 1024 ** 2], [0, 1.5, 1024 ** 2 + 1]],
    ['mcp_config.route_mappings.0.mcp_tool_description', ['x', long(500)], ['', long(501)]],
  ])('%s', (path, fit, refused) => {
    for (const value of fit) expect([value, errorsAt(path, value)]).toEqual([value, []]);
    for (const value of refused) expect([value, errorsAt(path, value).length]).toEqual([value, 1]);
  });

  test('include the length of lists', () => {
    const mapping = { operation_id: 'call', mcp_tool_name: 'x', mcp_tool_description: 'x' };
    expect(errorsAt('operations', Array(5001).fill(operation))).toContain('too_many');
    expect(errorsAt('operations.0.parameters', Array(201).fill(parameters[0]))).toContain('too_many');
    expect(errorsAt('mcp_config.route_mappings', Array(2001).fill(mapping))).toContain('too_many');
  });
});

test('omitted members have their defaults', () => {
  const { connector } = readConnector(withValue('mcp_config', { server_name: 'x' }));
  expect(connector).toMatchObject({
    metadata: { version: '0.1.0', categories: [], tags: [], configuration: [] },
    authentication: [
      { fields: [{ required: false, secret: false }] },
      { scopes: [], client_auth: 'basic', fields: [] },
    ],
    operations: [{ body_encoding: 'json', pagination: { max_pages: 1 }, parameters: [{ name: 'a' }] }],
    credential_chains: [{ ttl_seconds: 300, steps: [{ request: { method: 'POST', body_encoding: 'json' } }] }],
    mcp_config: { enabled: false, route_mappings: [] },
  });
  const tested = readConnector(withValue('authentication.0.test_endpoint', { url: 'https://a.example' })).connector;
  expect(tested?.authentication[0]?.test_endpoint).toMatchObject({ method: 'GET', expected_status: 200 });
  const minimal = readConnector(JSON.stringify({ metadata: base.metadata })).connector;
  expect(minimal).toMatchObject({ authentication: [], operations: [], credential_chains: [], rate_limits: [] });
  expect(minimal?.mcp_config).toBeUndefined();
});

test('what is not executed is kept as written', () => {
  const open = { sync_modes: ['full_refresh'], deeper: { a: [1, null] } };
  expect(readConnector(withValue('capabilities', open)).connector?.capabilities).toEqual(open);
  expect(readConnector(withValue('database_config', open)).connector?.database_config).toEqual(open);
});
