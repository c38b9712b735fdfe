import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import type { JsonObject } from '@toolplane/contracts';
import { stringify } from 'yaml';
import type { Connector, ConnectorInput } from '../descriptor/connector-schema.ts';
import { importApi, readImported } from '../import/import.example.ts';
import { readConnector } from '../read-connector.ts';
import { connectorToOpenApi } from './connector-to-open-api.ts';

const ticketSystem = readFileSync(new URL('../../../testdata/ticket-system.connector.yaml', import.meta.url), 'utf8');

const head = {
  name: 'Everything',
  slug: 'everything',
  version: '2.1.0',
  description: 'All there is.',
  publisher: 'Us',
};

/** One of everything that a request can contain. */
const everything: ConnectorInput = {
  metadata: {
    ...head,
    summary: 'All',
    documentation_url: 'https://docs.example.com',
    configuration: [
      { key: 'region', field_type: 'select', options: ['eu', 'us'], default_value: 'us' },
      { key: 'tenant', label: 'Your tenant', required: true },
    ],
  },
  authentication: [
    { type: 'bearer', fields: [{ key: 'token', field_type: 'secret' }] },
    { type: 'basic' },
    { type: 'oauth2_client_credentials', token_url: 'https://{config.region}.example.com/token', scopes: ['read'] },
    {
      type: 'oauth2_authorization_code',
      authorization_url: 'https://example.com/authorize',
      token_url: 'https://example.com/token',
      scopes: ['read', 'write'],
    },
    { type: 'oauth2_token_exchange', token_url: 'https://example.com/token', scopes: ['read'], audience: 'things' },
    {
      type: 'custom',
      fields: [
        { key: 'key', field_type: 'secret' },
        { key: 'app', field_type: 'secret' },
      ],
    },
  ],
  operations: [
    operation('get_thing', 'GET', 'https://{config.region}.example.com/{config.tenant}/things/{id}', {
      auth_type_ref: 'bearer',
      summary: 'Get a thing',
      parameters: [
        { name: 'id', location: 'path', field_type: 'integer', minimum: 1 },
        { name: 'fields', location: 'query', field_type: 'array', items: { type: 'string' }, style: 'comma' },
        { name: 'filter', location: 'query', field_type: 'object' },
        { name: 'page', location: 'query', field_type: 'integer', default_value: 1 },
        { name: 'version', send_as: 'X-Version', location: 'header', hidden: true, default_value: '2' },
      ],
    }),
    operation('rename_thing', 'PUT', 'https://{config.region}.example.com/{config.tenant}/things/{thing}', {
      auth_type_ref: 'basic',
      parameters: [
        { name: 'thing', location: 'path' },
        { name: 'name.first', location: 'body', required: true },
        { name: 'name.last', location: 'body' },
        { name: 'kind', location: 'body', hidden: true, default_value: 'x' },
      ],
    }),
    operation('query_a', 'POST', 'https://example.com/graphql', {
      auth_type_ref: 'oauth2_client_credentials',
      parameters: [{ name: 'query', location: 'body', hidden: true, default_value: '{a}' }],
    }),
    operation('query_b', 'POST', 'https://example.com/graphql', {
      auth_type_ref: 'oauth2_authorization_code',
      parameters: [{ name: 'query', location: 'body', hidden: true, default_value: '{b}' }],
    }),
    operation('exchanged', 'POST', 'https://example.com/exchanged', { auth_type_ref: 'oauth2_token_exchange' }),
    operation('query_c', 'POST', 'https://other.example.com/graphql', {
      auth_type_ref: 'custom',
      auth_headers: { 'X-Key': '{key}', Authorization: 'App {app}' },
      parameters: [{ name: 'all', location: 'body', schema: { type: 'array' } }],
      body_root: 'all',
    }),
    operation('send_form', 'POST', 'https://example.com/form?fixed=1', {
      auth_type_ref: 'custom',
      auth_query: { key: '{key}' },
      body_encoding: 'form',
      parameters: [
        { name: 'tags', location: 'body', field_type: 'array', style: 'comma' },
        { name: 'deep', location: 'body', field_type: 'object' },
      ],
    }),
    operation('upload', 'POST', 'https://example.com/files', {
      body_encoding: 'multipart',
      parameters: [{ name: 'file', location: 'body', field_type: 'object', required: true }],
    }),
    operation('set_text', 'PUT', 'https://example.com/text', {
      content_type: 'text/plain',
      parameters: [{ name: 'text', location: 'body', required: true }],
      body_root: 'text',
    }),
  ],
};

const imported = importApi(
  {
    '/a/{id}': { get: { parameters: [{ name: 'q', in: 'query', schema: { type: 'object' }, style: 'deepObject' }] } },
    '/b': {
      post: {
        security: [{ key: [] }],
        requestBody: {
          content: {
            'application/json': { schema: { type: 'object', properties: { a: { anyOf: [{ nullable: true }] } } } },
          },
        },
      },
    },
  },
  { components: { securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'X-Key' } } } },
).connector;

describe('a connector is a valid OpenAPI document', () => {
  test.each([
    ['of the ticket system', read(ticketSystem)],
    ['with one of everything', read(stringify(everything))],
    ['that was imported', imported],
    ['without operations', read(stringify({ metadata: head }))],
  ])('%s', async (_, connector) => {
    // The validator resolves references in place.
    const { valid, errors } = await new Validator().validate(structuredClone(connectorToOpenApi(connector)));
    expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
  });
});

describe('the document says', () => {
  const { paths, components, servers } = connectorToOpenApi(read(stringify(everything))) as {
    paths: Record<string, Record<string, JsonObject>>;
    components: JsonObject;
    servers: JsonObject[];
  };

  test('where each operation is, with what an instance configures', () => {
    expect(servers).toHaveLength(1);
    expect(paths['/things/{id}']?.['get']?.['servers']).toEqual([
      {
        url: 'https://{region}.example.com/{tenant}',
        variables: {
          region: { default: 'us', enum: ['eu', 'us'] },
          tenant: { default: 'tenant', description: 'Your tenant' },
        },
      },
    ]);
  });

  test('a URL even if the configuration of an instance is unknown', () => {
    const endpoints = [
      '{config.base}/v1/a',
      'https://a.example:{config.port}/b',
      'https://{config.tenant_id}.example/c',
    ];
    const operations = endpoints.map((endpoint, index) => ({ operation_id: `o${index}`, endpoint, method: 'GET' }));
    const document = connectorToOpenApi(read(stringify({ metadata: head, operations }))) as {
      paths: Record<string, { get: { servers: { url: string; variables: Record<string, { default: string }> }[] } }>;
    };
    const urls = Object.values(document.paths).flatMap(({ get }) => get.servers.map(fill));
    expect(urls).toEqual(['https://api.example.com', 'https://a.example:443', 'https://tenant-id.example']);
    function fill({ url, variables }: { url: string; variables: Record<string, { default: string }> }): string {
      return url.replaceAll(/\{(\w+)\}/g, (_, name: string) => variables[name]?.default ?? '');
    }
  });

  // Guarantee: no operation is lost, however many have the same URL.
  test('operations with the same path and method under paths that are the same request', () => {
    expect(Object.keys(paths)).toEqual([
      '/things/{id}',
      '/things/{thing}?',
      '/graphql',
      '/graphql?',
      '/exchanged',
      '/graphql?&',
      '/form',
      '/files',
      '/text',
    ]);
  });

  test('what a caller cannot choose as constants', () => {
    expect(paths['/graphql']?.['post']?.['requestBody']).toMatchObject({
      required: true,
      content: { 'application/json': { schema: { required: ['query'], properties: { query: { const: '{a}' } } } } },
    });
    expect(paths['/form']?.['post']?.['parameters']).toEqual([
      { name: 'fixed', in: 'query', required: true, schema: { type: 'string', const: '1' } },
    ]);
  });

  test('how to sign in', () => {
    expect(components['securitySchemes']).toMatchObject({
      bearer: { type: 'http', scheme: 'bearer' },
      basic: { type: 'http', scheme: 'basic' },
      oauth2_client_credentials: { flows: { clientCredentials: { tokenUrl: 'https://us.example.com/token' } } },
      oauth2_authorization_code: { flows: { authorizationCode: { scopes: { read: 'read', write: 'write' } } } },
      oauth2_token_exchange: { type: 'http', scheme: 'bearer' },
      custom: { type: 'apiKey', in: 'header', name: 'X-Key' },
      custom_2: { in: 'header', name: 'Authorization', description: 'Written as App {app}' },
      custom_3: { in: 'query', name: 'key' },
    });
    expect(paths['/graphql?&']?.['post']?.['security']).toEqual([{ custom: [], custom_2: [] }]);
    expect(paths['/files']?.['post']?.['security']).toEqual([]);
  });
});

test.each([
  ['the ticket system', read(ticketSystem)],
  ['one of everything', read(stringify(everything))],
  ['an import', imported],
])('%s is imported from it again with its operations, parameters and places', (_, connector) => {
  const { connector: back } = readImported(JSON.stringify(connectorToOpenApi(connector)));
  expect(reported(back)).toEqual(reported(connector));
});

/**
 * Describes operations by wire names: dots denote nesting in a body, a whole body has no name, and a fixed query is a
 * parameter.
 */
function reported({ operations }: Connector) {
  return operations
    .map(({ operation_id: id, method, parameters, endpoint, body_root: root }) => {
      const places = parameters.map(({ name, send_as: sendAs = name, location }) => {
        const [field] = location === 'body' ? sendAs.split('.') : [sendAs];
        return `${location} ${name === root ? '(whole)' : field}`;
      });
      const fixed = [...new URL(endpoint).searchParams.keys()].map((name) => `query ${name}`);
      return { id, method, places: [...new Set([...places, ...fixed])].toSorted() };
    })
    .toSorted((left, right) => (left.id < right.id ? -1 : 1));
}

function operation(
  operation_id: string,
  method: 'GET' | 'POST' | 'PUT',
  endpoint: string,
  more: Partial<NonNullable<ConnectorInput['operations']>[number]>,
) {
  return { operation_id, method, endpoint, ...more };
}

function read(text: string): Connector {
  const { connector, diagnostics } = readConnector(text);
  if (connector === undefined) throw new Error(JSON.stringify(diagnostics));
  return connector;
}
