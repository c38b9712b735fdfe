import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from '@toolplane/contracts';
import { parse } from 'yaml';
import { edited, ticketSystem } from '../connector.example.ts';
import { readConnector } from '../read-connector.ts';
import { connectorSchema } from './connector-schema.ts';

type Path = (string | number)[];
type Reported = { severity: string; pointer: string; line: string };

/** A descriptor that breaks no rule, with values in most of the places that rules compare. */
const sound: JsonObject = {
  ...(parse(ticketSystem) as JsonObject),
  metadata: {
    name: 'Desk',
    slug: 'desk',
    description: 'An API of a help desk',
    publisher: 'Toolplane',
    configuration: [{ key: 'site', required: true, field_type: 'select', options: ['eu', 'us'], default_value: 'eu' }],
  },
  authentication: [
    {
      type: 'api_key',
      fields: [{ key: 'api_key', field_type: 'secret' }],
      test_endpoint: { url: 'https://{config.site}.example.com/me', expected_status: [200, 204] },
    },
    { type: 'basic', id: 'login', fields: [] },
    {
      type: 'oauth2_client_credentials',
      token_url: 'https://a.example/token',
      caller_token: 'pass',
      client_auth: 'body',
      scopes: ['a'],
    },
  ],
  credential_chains: [
    {
      id: 'session',
      authentication: 'login',
      steps: [{ request: { url: 'https://a.example/login', body: '{basic}' }, extract: { token: 'token' } }],
    },
  ],
  operations: [
    {
      operation_id: 'find',
      endpoint: 'https://{config.site}.example.com/tickets?v=1',
      method: 'GET',
      auth_type_ref: 'api_key',
      auth_headers: { 'X-API-Key': '{api_key}' },
      parameters: [
        { name: 'tags', location: 'query', field_type: 'array', style: 'comma', items: { type: 'string' } },
        { name: 'limit', location: 'query', field_type: 'integer', minimum: 1, maximum: 50, default_value: 25 },
        { name: 'kind', location: 'query', hidden: true, default_value: 'open', enum: ['open', 'closed'] },
      ],
      pagination: { type: 'cursor', cursor_param: 'after', next_cursor_path: 'next', items_path: 'items' },
    },
    {
      operation_id: 'change',
      endpoint: 'https://{config.site}.example.com/tickets/{id}',
      method: 'PUT',
      auth_type_ref: 'login',
      auth_query: { token: '{chain.token}' },
      parameters: [
        { name: 'ticket', send_as: 'id', location: 'path', description: 'Number of the ticket' },
        { name: 'body', location: 'body', schema: { type: 'object' } },
      ],
      body_root: 'body',
      content_type: 'application/json',
      response: { pick: 'id', max_bytes: 1000 },
    },
    {
      operation_id: 'list',
      endpoint: 'https://{config.site}.example.com/users',
      method: 'GET',
      auth_type_ref: 'oauth2_client_credentials',
    },
  ],
  mcp_config: {
    enabled: true,
    server_name: 'desk',
    server_description: 'Tickets of a help desk',
    route_mappings: [
      { operation_id: 'find', mcp_tool_name: 'find', mcp_tool_description: 'Finds tickets that somebody wrote' },
      {
        operation_id: 'change',
        mcp_tool_name: 'change',
        mcp_tool_description: 'Changes a ticket that somebody wrote',
        parameter_mappings: { ticket: 'ticket_id' },
      },
    ],
  },
};

/** The schema accepts every value, but each of these places violates a rule. */
const flawed: JsonObject = [
  [['authentication', 2, 'token_url'], 'nowhere'],
  [['credential_chains', 0, 'steps', 0, 'extract', 'token'], 'a['],
  [['operations', 0, 'parameters', 0, 'items'], undefined],
  [['operations', 0, 'parameters', 1, 'minimum'], 60],
  [['operations', 0, 'auth_headers', 'X-Other'], '{nothing}'],
  [['operations', 1, 'content_type'], 'odd'],
  [['operations', 1, 'response', 'pick'], 'a['],
  [['operations', 2, 'auth_type_ref'], 'nobody'],
  [['operations', 2, 'endpoint'], 'https://a.example/{nothing}'],
  [['rate_limits', 1], { scope: 'per_account', limit: 5, interval_seconds: 60 }],
  [['mcp_config', 'route_mappings', 2], { operation_id: 'nope', mcp_tool_name: 'x', mcp_tool_description: 'x' }],
  [['mcp_config', 'route_mappings', 1, 'mcp_tool_name'], 'find'],
  [['mcp_config', 'route_mappings', 0, 'parameter_mappings'], { nothing: 'a', kind: 'b' }],
].reduce<JsonObject>((before, [path, value]) => withValue(before, path as Path, value as Json | undefined), sound);

const odd: Json[] = [null, 'FETCH'];

/** Problems that are not violations with some of the values that could be meant. */
const depending: [place: RegExp, codes: RegExp][] = [
  [/^authentication(\.\d+(\.(id|type|fields).*)?)?$/, /unknown_authentication|unknown_template_key/],
  [/^operations\.\d+\.auth_type_ref$/, /unknown_template_key/],
  [/^operations(\.\d+(\.(operation_id|parameters.*))?)?$/, /unknown_operation|unknown_parameter|hidden_parameter/],
  [/\.parameters\.\d+\.(field_type|minimum|maximum)$/, /invalid_default|empty_range/],
  [/^rate_limits/, /duplicate_rate_limit/],
  [/^mcp_config\.route_mappings/, /duplicate_tool_name|unknown_parameter|hidden_parameter/],
];

describe('one broken value', () => {
  test('makes nothing else look broken, except what refers to another name', () => {
    expect(reportedOf(sound)).toEqual([]);
    const added = brokenPlaces(sound).flatMap(({ path, value, reported }) => {
      const others = reported.filter((each) => !isOf(each, path));
      return others.map(({ line }) => `${path.join('.')}: ${value}: ${line}`);
    });
    const renamed = /\.(key|id): FETCH: .* (There is no authentication|names neither|is not declared)/;
    expect(added.filter((line) => !renamed.test(line))).toEqual([]);
  });

  test('hides no other error, except what depends on it', () => {
    const all = reportedOf(flawed).filter(({ severity }) => severity === 'error');
    expect(all.length).toBeGreaterThan(12);
    const hidden = brokenPlaces(flawed).flatMap(({ path, value, reported }) => {
      const place = path.join('.');
      const lines = new Set(reported.map(({ line }) => line));
      const lost = all.filter((each) => !lines.has(each.line) && !isOf(each, path));
      const surprising = lost.filter(
        ({ line }) => !depending.some(([places, codes]) => places.test(place) && codes.test(line)),
      );
      return surprising.map(({ line }) => `${place}: ${value}: ${line}`);
    });
    expect(hidden).toEqual([]);
  });

  test('of several in one item does not keep the others for the next attempt', () => {
    const text = [
      ['  - operation_id: get_ticket', '  - operation_id: get_ticket\n    odd: 1'],
      ['tickets/{ticket_id}"\n    method: GET', 'tickets/{id}"\n    method: FETCH'],
      ['"Get full details of a support ticket including description, comments, and history."', '""'],
      ['mcp_tool_name: get_ticket', 'mcp_tool_name: get_ticket\n      parameter_mappings: { nothing: a }'],
      [
        'summary: "Get ticket by ID"\n    auth_type_ref: api_key',
        'summary: "Get ticket by ID"\n    auth_type_ref: nobody',
      ],
    ].reduce((before, [from = '', to = '']) => edited(from, to, before), ticketSystem);
    const errors = reportedOf(parse(text) as Json).filter(({ severity }) => severity === 'error');
    expect(errors.map(({ line }) => line.split(' ')[1])).toEqual([
      'unknown_key',
      'missing_parameter',
      'unknown_word',
      'unknown_authentication',
      'unknown_parameter',
      'unknown_parameter',
      'invalid_length',
    ]);
  });
});

type BrokenPlace = { path: Path; value: Json; reported: Reported[] };

/** Returns the descriptor with each odd value in each of the places where the schema does not allow it. */
function brokenPlaces(root: JsonObject): BrokenPlace[] {
  const changes = placesOf(root).flatMap((path) => odd.map((value) => ({ path, value })));
  return changes.flatMap(({ path, value }) => {
    const changed = withValue(root, path, value);
    return connectorSchema.safeParse(changed).success ? [] : [{ path, value, reported: reportedOf(changed) }];
  });
}

function reportedOf(descriptor: Json): Reported[] {
  return readConnector(JSON.stringify(descriptor)).diagnostics.map(({ severity, pointer, code, message }) => {
    return { severity, pointer, line: `${pointer} ${code} ${message}` };
  });
}

/**
 * Returns true if the problem is at the place or inside it. A value of none of several allowed types is reported at the
 * surrounding value.
 */
function isOf({ pointer, line }: Reported, path: Path): boolean {
  const place = `/${path.join('/')}`;
  return pointer.startsWith(place) || (place.startsWith(pointer) && line.includes(' wrong_type '));
}

function placesOf(value: Json): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const segment = Array.isArray(value) ? Number(key) : key;
    return [[segment], ...placesOf(member).map((path): Path => [segment, ...path])];
  });
}

function withValue(root: JsonObject, path: Path, value: Json | undefined): JsonObject {
  const copy = structuredClone(root);
  const parent = path.slice(0, -1).reduce<Json>((inside, key) => {
    const object = inside as JsonObject;
    object[key] ??= {};
    return object[key];
  }, copy);
  if (value === undefined) delete (parent as JsonObject)[String(path.at(-1))];
  else (parent as JsonObject)[String(path.at(-1))] = value;
  return copy;
}
