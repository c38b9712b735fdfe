import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';

type Operation = {
  operationId: string;
  security: unknown[];
  parameters?: { in: string; name: string; schema: object }[];
  responses: object;
  requestBody?: { required: boolean; content: { 'application/json': { schema: Schema } } };
};
type Document = {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: Record<string, object>;
};

let plane: TestControlPlane;
let document: Document;
let text: string;
beforeAll(async () => {
  plane = await startTestControlPlane();
  const { status, body, text: whole } = await plane.send('GET', '/api/v1/openapi.json', undefined, { key: '' });
  expect(status).toBe(200);
  document = body;
  text = whole;
});
afterAll(() => plane.close());

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
  );

test('is OpenAPI 3.1 and describes every route', () => {
  expect(document.openapi).toBe('3.1.0');
  const described = operations().map(({ method, path }) => `${method} ${path}`);
  expect(described.toSorted()).toEqual(plane.api.routes.map(({ method, path }) => `${method} ${path}`).toSorted());
});

test('the types for clients were generated from this document; `npm run api-types` renews them', () => {
  const file = join(import.meta.dirname, '../../../packages/api-client/src/generated/api.ts');
  const [, generatedFrom] = /^\/\/ document: sha256:(\w+)$/m.exec(readFileSync(file, 'utf8')) ?? [];
  expect(generatedFrom).toBe(createHash('sha256').update(text).digest('hex'));
});

test('every $ref leads somewhere', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(
    ([, reference = '']) => reference,
  );
  expect(references.length).toBeGreaterThan(10);
  for (const reference of new Set(references)) {
    const found = reference
      .slice(2)
      .split('/')
      .reduce<unknown>((part, key) => (part as Record<string, unknown>)?.[key], document);
    expect([reference, typeof found]).toEqual([reference, 'object']);
  }
});

test('a default fits the schema that has it', () => {
  const misfits: unknown[] = [];
  JSON.stringify(document, (_key, part) => {
    const { default: given, required = [] } = (part ?? {}) as { default?: object; required?: string[] };
    if (typeof given === 'object' && given !== null) misfits.push(...required.filter((name) => !(name in given)));
    return part;
  });
  expect(misfits).toEqual([]);
});

test.each(['/api/v1/calls/export', '/api/v1/audit-log/export'])('%s answers lines', (path) => {
  const { responses } = document.paths[path]?.['get'] ?? {};
  expect(responses).toMatchObject({ 200: { content: { 'application/x-ndjson': { schema: { type: 'string' } } } } });
});

test('operation ids are unique', () => {
  const ids = operations().map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
});

test('a DELETE answers 204, or 200 where what it names stays and only changes', () => {
  const deletions = operations().filter(({ method }) => method === 'delete');
  const showing = deletions.filter(({ responses }) => !('204' in responses)).map(({ operationId }) => operationId);
  const ofServers = ['deletePolicy', 'endDebugSession'].flatMap((id) => [id, `${id}ByManager`]);
  expect(showing.toSorted()).toEqual([...ofServers, 'revokeApiKey', 'unpinSecret'].toSorted());
});

test('a POST answers 201 where it creates something that has an address of its own or is shown only once', () => {
  const additions = operations().filter(({ method }) => method === 'post');
  const others = additions.filter(({ responses }) => !('201' in responses)).map(({ operationId }) => operationId);
  const ofServers = [
    ['stopMcpServer', 'startMcpServer', 'archiveMcpServer', 'unarchiveMcpServer'],
    ['loadToolsFromUrl', 'approveExternalTools', 'explainPolicy', 'replayCall'],
  ].flat();
  const expected = [
    ['signIn', 'startSingleSignOn', 'giveSecondFactor', 'askForPasskey'],
    ['beginTotp', 'confirmTotp', 'beginPasskey', 'confirmPasskey', 'renewRecoveryCodes'],
    ['acceptInvitation', 'acceptInvitationAsNewcomer', 'approveCall', 'denyCall', 'rollBack', 'validateDocument'],
    ['importConnectorFromOpenApi', 'validateConnector', 'deprecateConnector', 'testConnection'],
    ofServers.flatMap((id) => [id, `${id}ByManager`]),
  ].flat();
  expect(others.toSorted()).toEqual(expected.toSorted());
});

test('a PUT never answers 201', () => {
  const replacing = operations().filter(({ method }) => method === 'put');
  expect(replacing.filter(({ responses }) => '201' in responses)).toEqual([]);
});

/** Sets that may grow: codes of earlier releases, names in documents, words of third parties, one-time codes. */
const openSets = new Set([
  ...['AuditEntry.outcome', 'Call.code', 'Deployment.code', 'DeploymentWithSource.code', 'deploy.code'],
  ...['listAuditEntries.outcome', 'exportAuditLog.outcome', 'listCalls.code', 'exportCalls.code'],
  ...['Diagnostic.code', 'Diagnostic.source', 'ExternalMcpServer.scope', 'ReportedExternalMcpServer.scope'],
  ...['giveSecondFactor.code', 'confirmTotp.code'],
]);

test('a value of a closed set is an enumeration, in answers, bodies and filters', () => {
  const words =
    /^(?:state|status|test_status|outcome|kind|mode|role|source|type|field_type|code|scope|transport|era|effect|decision|check|severity|pin|per|category)$/;
  const plain: string[] = [];
  const visit = (place: string, part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    const { properties = {} } = part as { properties?: Record<string, { type?: unknown; enum?: unknown }> };
    for (const [name, schema] of Object.entries(properties)) {
      const isText = [schema.type].flat().includes('string') && schema.enum === undefined && !('const' in schema);
      if (words.test(name) && isText) plain.push(`${place}.${name}`);
    }
    for (const inner of Object.values(part)) visit(place, inner);
  };
  for (const [name, schema] of Object.entries(document.components['schemas'] ?? {})) visit(name, schema);
  for (const { operationId, requestBody, responses } of operations()) visit(operationId, [requestBody, responses]);
  for (const { operationId, parameters = [] } of operations()) {
    for (const { name, schema } of parameters) {
      if (words.test(name) && !('enum' in schema)) plain.push(`${operationId}.${name}`);
    }
  }
  expect(new Set(plain)).toEqual(openSets);
});

/** Parameters that select a part of a list, or determine how it is shown. */
const notCompared = new Set([
  ...['page', 'limit', 'cursor', 'q', 'from', 'to', 'sortBy', 'sortOrder', 'scope'],
  ...['include_schemas', 'minDurationMs'],
]);

test('a filter of a list has the name of the field that it is compared with', () => {
  const lists = operations().filter(({ operationId }) => operationId.startsWith('list'));
  expect(lists.length).toBeGreaterThan(20);
  const unknown = lists.flatMap(({ operationId, parameters = [], responses }) => {
    const fields = fieldsOf(itemOf(responses));
    const names = parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
    return names.filter((name) => !notCompared.has(name) && !fields.has(name)).map((name) => `${operationId}.${name}`);
  });
  // It is compared with the `id` of a caller that is a key.
  expect(unknown).toEqual(['listCalls.keyId']);
});

type Schema = { $ref?: string; type?: string | string[]; properties?: Record<string, Schema>; items?: Schema };

function itemOf(responses: object): Schema {
  const { 200: ok } = responses as { 200: { content: { 'application/json': { schema: Schema } } } };
  const { data } = ok.content['application/json'].schema.properties ?? {};
  const { $ref = '' } = data?.items ?? {};
  return (document.components['schemas'] as Record<string, Schema>)[$ref.split('/').at(-1) ?? ''] ?? {};
}

/** The names of the fields of an object, of the objects in it and their ids, and the singular for lists. */
function fieldsOf({ properties = {} }: Schema): Set<string> {
  const fields = Object.entries(properties).flatMap(([name, { properties: inner, items }]) => [
    name,
    ...Object.keys(inner ?? {}),
    ...(inner?.['id'] === undefined ? [] : [`${name}Id`]),
    ...(items === undefined ? [] : [name.replace(/ies$/, 'y').replace(/s$/, '')]),
  ]);
  return new Set(fields);
}

test('a list is paged by number or by cursor, unless its length has a limit', () => {
  const whole = operations().filter(({ operationId, parameters = [], responses }) => {
    const names = new Set(parameters.map(({ name }) => name));
    const isPaged = names.has('limit') && (names.has('page') || names.has('cursor'));
    return isList(responses) && !isPaged && !operationId.endsWith('ByManager');
  });
  // A session keeps at most 10,000 events, and each call has at least one.
  expect(whole.map(({ operationId }) => operationId)).toEqual(['listSeenCalls']);
});

function isList(responses: object): boolean {
  const { 200: ok } = responses as { 200?: { content?: Record<string, { schema: Schema }> } };
  return ok?.content?.['application/json']?.schema.properties?.['data']?.items !== undefined;
}

test('an operation describes its refusals, each with an example in the form of an error', () => {
  const refs = (path: string, method: string) =>
    Object.entries(document.paths[`/api/v1${path}`]?.[method]?.responses ?? {}).flatMap(([status, response]) =>
      '$ref' in response ? [[status, response.$ref.split('/').at(-1)]] : [],
    );
  expect(Object.fromEntries(refs('/agents/{id}', 'patch'))).toEqual({
    400: 'invalid_request',
    401: 'unauthenticated',
    403: 'forbidden',
    404: 'not_found',
    413: 'payload_too_large',
    415: 'unsupported_media_type',
  });
  expect(Object.fromEntries(refs('/sign-in/sso', 'get'))).toEqual({ 400: 'invalid_request' });
  for (const [code, response] of Object.entries(document.components['responses'] ?? {})) {
    const { example } = response.content['application/json'];
    expect(example).toMatchObject({ success: false, error: { code, message: expect.any(String) } });
  }
});

test('a PATCH can remove a description', () => {
  const patches = operations().filter(({ method }) => method === 'patch');
  const typesOf = ({ requestBody }: Operation) =>
    requestBody?.content['application/json'].schema.properties?.['description']?.type;
  const types = patches.map((operation) => typesOf(operation)).filter((type) => type !== undefined);
  expect(types.length).toBeGreaterThan(3);
  expect(new Set(types.map(String))).toEqual(new Set(['string,null']));
});

test('a body is required unless the request can do without', () => {
  const required = (path: string, method: string) => document.paths[`/api/v1${path}`]?.[method]?.requestBody?.required;
  expect(required('/agents/{id}/toggle-active', 'put')).toBe(false);
  expect(required('/agents', 'post')).toBe(true);
});

test('every operation needs a key or a session, unless it is for anyone, and declares the parameters of its path', () => {
  const schemes = { anyone: 0, session: 1, others: 3 };
  for (const { path, method, operationId, security, parameters = [], responses } of operations()) {
    const inPath = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
    expect([operationId, inPath.toSorted()]).toEqual([
      operationId,
      [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).toSorted(),
    ]);
    const access = plane.api.routes.find((route) => route.path === path && route.method === method)?.access;
    const count = access === 'anyone' || access === 'session' ? schemes[access] : schemes.others;
    expect([operationId, security.length]).toEqual([operationId, count]);
    expect(Object.keys(responses)).toContain('default');
  }
});
