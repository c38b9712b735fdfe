import { describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import type { Connector } from '../descriptor/connector-schema.ts';
import { readConnector } from '../read-connector.ts';
import { diffConnectors } from './diff-connectors.ts';

const base = connector();

describe('a breaking change', () => {
  test.each<[string, (changed: Connector) => void, string, string]>([
    ['an operation is removed', (it) => it.operations.pop(), '/operations/create', 'The operation "create" is gone'],
    [
      'a tool is removed',
      (it) => it.mcp_config?.route_mappings.shift(),
      '/mcp_config/route_mappings/get_thing',
      'The tool "get_thing" is gone',
    ],
    [
      'a parameter is removed',
      (it) => it.operations[0]?.parameters.pop(),
      '/operations/get/parameters/kind',
      'The operation "get": the parameter "kind" is gone',
    ],
    [
      'a parameter is renamed',
      (it) => parameter(it, 1, { name: 'sort', send_as: 'kind' }),
      '/operations/get/parameters/kind',
      'The operation "get": the parameter "kind" is now called "sort"',
    ],
    [
      'a parameter is now required',
      (it) => parameter(it, 1, { required: true }),
      '/operations/get/parameters/kind/required',
      'The operation "get": the parameter "kind" is now required',
    ],
    [
      'a type is different',
      (it) => parameter(it, 1, { field_type: 'boolean', enum: undefined }),
      '/operations/get/parameters/kind/schema',
      'The operation "get": the parameter "kind" is now of type boolean',
    ],
    [
      'a value is no longer accepted',
      (it) => parameter(it, 1, { enum: ['a'] }),
      '/operations/get/parameters/kind/schema',
      'The operation "get": the parameter "kind" does not take "b" any more',
    ],
    [
      'a limit is tighter',
      (it) => parameter(it, 0, { maximum: 5 }),
      '/operations/get/parameters/id/schema',
      'The operation "get": the parameter "id" has a tighter limit (maximum)',
    ],
    [
      'a way to sign in is removed',
      (it) => it.authentication.pop(),
      '/authentication/bearer',
      'The authentication "bearer" is gone',
    ],
    [
      "a caller's own credentials are no longer accepted",
      (it) => Object.assign(it.authentication[0] ?? {}, { caller_token: 'refuse' }),
      '/authentication/bearer',
      'The authentication "bearer" has changed',
    ],
    [
      'a tool does something else',
      (it) => mapping(it, { operation_id: 'create' }),
      '/mcp_config/route_mappings/get_thing/operation_id',
      'The tool "get_thing": "operation_id" was "get" and is "create"',
    ],
    [
      'an input of a tool has another name',
      (it) => mapping(it, { parameter_mappings: { id: 'number' } }),
      '/mcp_config/route_mappings/get_thing/parameter_mappings',
      'The tool "get_thing": "parameter_mappings" has changed',
    ],
    [
      'the server is no longer enabled',
      (it) => config(it, { enabled: false }),
      '/mcp_config/enabled',
      'The server is no longer enabled: it has no tools',
    ],
  ])('%s', (_, change, path, message) => {
    const diff = diffConnectors(base, connector(change));
    expect(diff.isBreaking).toBe(true);
    expect(diff.changes).toContainEqual(expect.objectContaining({ path, message, isBreaking: true }));
  });
});

describe('a compatible change', () => {
  test.each<[string, (changed: Connector) => void, string]>([
    ['an operation is new', (it) => it.operations.push({ ...first(it), operation_id: 'other' }), '/operations/other'],
    [
      'a parameter is new and optional',
      (it) => first(it).parameters.push({ name: 'q', location: 'query' }),
      '/operations/get/parameters/q',
    ],
    [
      'another value is accepted',
      (it) => parameter(it, 1, { enum: ['a', 'b', 'c'] }),
      '/operations/get/parameters/kind/schema',
    ],
    [
      'a description is different',
      (it) => parameter(it, 1, { description: 'Better' }),
      '/operations/get/parameters/kind/description',
    ],
    [
      'a default is different',
      (it) => parameter(it, 1, { default_value: 'b' }),
      '/operations/get/parameters/kind/default_value',
    ],
    [
      'a hidden parameter is removed',
      (it) => it.operations[1]?.parameters.pop(),
      '/operations/create/parameters/version',
    ],
    [
      'errors say more',
      (it) => Object.assign(first(it), { response: { error_pick: 'a' } }),
      '/operations/get/response',
    ],
    ['the version', (it) => Object.assign(it.metadata, { version: '2.0.0' }), '/metadata/version'],
    ['rate limits', (it) => it.rate_limits.push({ scope: 'per_user', limit: 1, interval_seconds: 1 }), '/rate_limits'],
    [
      'the description of a tool',
      (it) => mapping(it, { mcp_tool_description: 'Another one that says more.' }),
      '/mcp_config/route_mappings/get_thing/mcp_tool_description',
    ],
  ])('%s', (_, change, path) => {
    const diff = diffConnectors(base, connector(change));
    expect(diff).toMatchObject({ isBreaking: false, changes: [{ path, isBreaking: false }] });
  });

  test('no change, or another order', () => {
    const shuffled = connector((it) => it.operations.reverse());
    expect(diffConnectors(base, shuffled)).toEqual({ isBreaking: false, changes: [] });
  });
});

function connector(change: (changed: Connector) => unknown = () => undefined): Connector {
  const { connector: read, diagnostics } = readConnector(
    stringify({
      metadata: {
        name: 'Things',
        slug: 'things',
        description: 'Things of all kinds.',
        publisher: 'Us',
        version: '1.0.0',
      },
      authentication: [{ type: 'bearer', fields: [{ key: 'token', field_type: 'secret' }] }],
      operations: [
        {
          operation_id: 'get',
          endpoint: 'https://example.com/things/{id}',
          method: 'GET',
          auth_type_ref: 'bearer',
          parameters: [
            { name: 'id', location: 'path', field_type: 'integer', maximum: 10 },
            { name: 'kind', location: 'query', enum: ['a', 'b'] },
          ],
        },
        {
          operation_id: 'create',
          endpoint: 'https://example.com/things',
          method: 'POST',
          parameters: [{ name: 'version', location: 'query', hidden: true, default_value: '1' }],
        },
      ],
      mcp_config: {
        enabled: true,
        server_name: 'things',
        server_description: 'Tools for things.',
        route_mappings: [
          { operation_id: 'get', mcp_tool_name: 'get_thing', mcp_tool_description: 'Get a thing by its number.' },
          {
            operation_id: 'create',
            mcp_tool_name: 'create_thing',
            mcp_tool_description: 'Create a thing of some kind.',
          },
        ],
      },
    }),
  );
  if (read === undefined) throw new Error(JSON.stringify(diagnostics));
  change(read);
  return read;
}

function first({ operations: [operation] }: Connector): Connector['operations'][number] {
  if (operation === undefined) throw new Error('no operation');
  return operation;
}

function parameter(changed: Connector, index: number, to: object): void {
  Object.assign(first(changed).parameters[index] ?? {}, to);
}

function mapping({ mcp_config: mcp }: Connector, to: object): void {
  Object.assign(mcp?.route_mappings[0] ?? {}, to);
}

function config({ mcp_config: mcp }: Connector, to: object): void {
  Object.assign(mcp ?? {}, to);
}
