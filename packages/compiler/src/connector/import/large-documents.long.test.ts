import { expect, test } from '@jest/globals';
import type { JsonObject } from '@toolplane/contracts';
import { cpuMs } from '@toolplane/loopback/cpu-time';
import { readConnector } from '../read-connector.ts';
import { importOpenApi } from './import-open-api.ts';

/** P6 requires two seconds; a busy machine gets additional time. */
const TEST_MS_MAX = 10_000;
const OPERATIONS = 1000;

const node = {
  type: 'object',
  properties: {
    name: { type: 'string', description: 'x'.repeat(300) },
    parent: { $ref: '#/components/schemas/node' },
    children: { type: 'array', items: { $ref: '#/components/schemas/node' } },
    twin: { $ref: '#/components/schemas/twin' },
  },
};

const paths = fill(OPERATIONS, (index) => [
  `/groups/{group}/things${index}/{id}`,
  {
    parameters: [{ $ref: '#/components/parameters/group' }],
    [index % 2 === 0 ? 'get' : 'put']: {
      operationId: `things/operation-${index}`,
      summary: `Change thing ${index}`,
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'integer' } }],
      ...(index % 2 === 0
        ? {}
        : { requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/node' } } } } }),
      responses: { 200: { description: 'Fine' } },
    },
  },
]);

// Guarantee: a real document, with its cycles and mistakes, is imported completely and quickly.
test('1 000 operations with schemas that refer to themselves, and one broken reference', () => {
  const broken = { get: { operationId: 'broken', parameters: [{ $ref: '#/components/parameters/none' }] } };
  const half = {
    get: { operationId: 'half', parameters: [{ name: 'q', in: 'query', schema: { anyOf: [{ $ref: '#/none' }] } }] },
  };
  const text = documentOf(
    { ...paths, '/broken': broken, '/half': half },
    {
      schemas: { node, twin: { ...node, allOf: [{ $ref: '#/components/schemas/node' }] } },
      parameters: { group: { name: 'group', in: 'path', required: true, schema: { type: 'string' } } },
    },
  );
  const startedAt = cpuMs();
  const { imported, skipped, diagnostics, descriptor = '' } = importOpenApi(text);
  expect(cpuMs() - startedAt).toBeLessThan(TEST_MS_MAX);
  expect(imported).toBe(OPERATIONS + 1);
  expect(skipped).toEqual([{ operation: 'GET /broken', reason: expect.stringContaining('"$ref"') }]);
  expect(diagnostics.map(({ code }) => code)).toEqual(['no_authentication', 'schema_cut', 'broken_reference']);
  const { connector } = readConnector(descriptor);
  const names = connector?.mcp_config?.route_mappings.map((mapping) => mapping.mcp_tool_name) ?? [];
  expect(new Set(names).size).toBe(OPERATIONS + 1);
  expect(names.filter((name) => !/^[a-z][a-z0-9_]{2,63}$/.test(name))).toEqual([]);
  expect(connector?.operations.filter((operation) => JSON.stringify(operation).length > 40_000)).toEqual([]);
  expect(descriptor.includes('$ref')).toBe(false);
});

test('references that double at each level cost no more than their limit', () => {
  const schemas = fill(40, (level) => [
    `s${level}`,
    {
      type: 'object',
      properties: {
        a: { $ref: `#/components/schemas/s${level + 1}` },
        b: { $ref: `#/components/schemas/s${level + 1}` },
      },
    },
  ]);
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/s0' } } };
  const text = documentOf(
    fill(20, (index) => [`/a${index}`, { post: { requestBody: { content } } }]),
    { schemas },
  );
  const startedAt = cpuMs();
  const { imported, descriptor = '' } = importOpenApi(text);
  expect(cpuMs() - startedAt).toBeLessThan(TEST_MS_MAX);
  expect(imported).toBe(20);
  expect(descriptor.length).toBeLessThan(20 * 150_000);
});

function documentOf(paths: JsonObject, components: JsonObject): string {
  const info = { title: 'Large', version: '1' };
  return JSON.stringify({ openapi: '3.0.3', info, servers: [{ url: 'https://api.example.com' }], paths, components });
}

function fill(count: number, build: (index: number) => [string, JsonObject]): JsonObject {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => build(index)));
}
