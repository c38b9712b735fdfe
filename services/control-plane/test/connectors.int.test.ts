import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type HttpAnswer, startTestControlPlane, type TestControlPlane } from './control-plane.ts';
import { ticketDescriptor } from './ticket-descriptor.ts';

let plane: TestControlPlane;
beforeAll(async () => {
  plane = await startTestControlPlane();
});
afterAll(() => plane.close());

const path = '/api/v1/connectors';
const register = (descriptor: string, key?: string) =>
  plane.send('POST', path, { descriptor }, key === undefined ? {} : { key });
const get = (rest: string, key?: string) =>
  plane.send('GET', `${path}${rest}`, undefined, key === undefined ? {} : { key });
const versionsOf = async (slug: string) =>
  (await get(`/${slug}/versions`)).body.data.map(({ version }: { version: string }) => version);

describe('registering', () => {
  const slug = 'registering';

  test('the first version makes the connector and is the active one', async () => {
    const text = ticketDescriptor({ slug });
    const { status, body } = await register(text);
    expect([status, body]).toEqual([
      201,
      {
        success: true,
        message: 'Connector registered',
        data: {
          slug,
          version: '1.0.0',
          tools_count: 2,
          is_active: true,
          deprecated_at: null,
          deprecation_message: null,
          sha256: createHash('sha256').update(text).digest('hex'),
          created_at: expect.any(String),
        },
        diagnostics: [],
      },
    ]);
  });

  test('the same content again changes nothing: 200', async () => {
    const { status, body } = await register(ticketDescriptor({ slug }));
    expect([status, body.message]).toEqual([200, 'Connector unchanged']);
    expect(await versionsOf(slug)).toEqual(['1.0.0']);
  });

  test('a higher version becomes the active one, and the first is kept to the letter', async () => {
    expect((await register(ticketDescriptor({ slug, version: '1.10.0' }))).status).toBe(201);
    expect((await get(`/${slug}`)).body.data).toMatchObject({ version: '1.10.0', active_version: '1.10.0' });
    const first = await get(`/${slug}/versions/1.0.0`);
    expect(first.body.data).toMatchObject({ is_active: false, descriptor: ticketDescriptor({ slug }) });
  });

  test.each([
    ['1.0.0', 'Version 1.0.0 already exists with different content; existing versions: 1.10.0, 1.0.0'],
    ['1.10.0', 'Version 1.10.0 already exists with different content; existing versions: 1.10.0, 1.0.0'],
    ['1.9.0', 'Version 1.9.0 is not higher than 1.10.0; existing versions: 1.10.0, 1.0.0'],
    ['1.10.0-rc.1', 'Version 1.10.0-rc.1 is not higher than 1.10.0; existing versions: 1.10.0, 1.0.0'],
    ['1.10.0+build.2', 'Version 1.10.0+build.2 is not higher than 1.10.0; existing versions: 1.10.0, 1.0.0'],
  ])('409 for version %s with other content', async (version, message) => {
    const { status, body } = await register(ticketDescriptor({ slug, version, marker: 'other' }));
    expect([status, body.error]).toEqual([409, { code: 'conflict', message }]);
    expect(await versionsOf(slug)).toEqual(['1.10.0', '1.0.0']);
  });

  test('of two that register a version at once, one wins and the other is told', async () => {
    const attempts = ['a', 'b', 'c'].map((marker) => register(ticketDescriptor({ slug: 'at-once', marker })));
    const statuses = (await Promise.all(attempts)).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([201, 409, 409]);
    expect(await versionsOf('at-once')).toEqual(['1.0.0']);
  });

  test('the same content at once is registered once', async () => {
    const attempts = Array.from({ length: 3 }, () => register(ticketDescriptor({ slug: 'same-at-once' })));
    const statuses = (await Promise.all(attempts)).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([200, 200, 201]);
  });

  test('texts that PostgreSQL cannot hold do not fail it', async () => {
    const descriptor = ticketDescriptor({ slug: 'odd-texts', marker: 'x' })
      .replace('name: Ticket System', 'name: "Ticket\\0System"')
      .replace('tags: [support]', 'tags: ["a\\0b"]');
    expect((await register(descriptor)).status).toBe(201);
    expect((await get('/odd-texts')).body.data).toMatchObject({ name: 'Ticket\uFFFDSystem', tags: ['a\uFFFDb'] });
    expect((await get('/odd-texts/versions/1.0.0')).body.data.descriptor).toBe(descriptor);
  });

  test('a descriptor larger than other requests is accepted', async () => {
    const operations = Array.from({ length: 4000 }, (_, index) => ({
      operation_id: `op_${index}`,
      endpoint: 'https://api.example.test/things',
      method: 'GET',
      description: 'x'.repeat(1000),
    }));
    const metadata = {
      name: 'Large one',
      slug: 'large-one',
      description: 'Of four thousand operations',
      publisher: 'Us',
    };
    const { status, body } = await register(JSON.stringify({ metadata, operations }));
    expect([status, body.data]).toMatchObject([201, { version: '0.1.0', tools_count: 0 }]);
  });
});

describe('refused as a whole, with every problem and its place, while the previous version stays', () => {
  const slug = 'refusing';
  const descriptor = (...edits: [string, string][]) =>
    edits.reduce(
      (text, [from, to]) => {
        expect(text).toContain(from);
        return text.replace(from, to);
      },
      ticketDescriptor({ slug, version: '2.0.0' }),
    );
  beforeAll(async () => {
    expect((await register(ticketDescriptor({ slug }))).status).toBe(201);
  });

  test.each<[string, [string, string][], string[]]>([
    [
      'a mapping to an unknown operation',
      [['- { operation_id: create_ticket,', '- { operation_id: unknown,']],
      ['/mcp_config/route_mappings/1/operation_id'],
    ],
    [
      'two tools with the same name',
      [['mcp_tool_name: create_ticket', 'mcp_tool_name: search_tickets']],
      ['/mcp_config/route_mappings/1/mcp_tool_name'],
    ],
    ['MCP without a server name', [['  server_name: ticket_system\n', '']], ['/mcp_config']],
    ['a slug with capital letters', [[`slug: ${slug}`, 'slug: Refusing']], ['/metadata/slug']],
    [
      'three rules broken at once',
      [
        ['publisher: Platform Team', 'publisher: P'],
        ['auth_headers: { X-API-Key: "{api_key}" }', 'auth_headers: { X-API-Key: "{other_key}" }'],
        ['mcp_tool_name: create_ticket', 'mcp_tool_name: search_tickets'],
      ],
      ['/metadata/publisher', '/operations/0/auth_headers', '/mcp_config/route_mappings/1/mcp_tool_name'],
    ],
  ])('%s', async (_name, edits, pointers) => {
    const { status, body } = await register(descriptor(...edits));
    expect([status, body.success, body.error.code]).toEqual([422, false, 'invalid_document']);
    for (const pointer of pointers) {
      const found = body.diagnostics.find((each: { pointer: string }) => each.pointer.startsWith(pointer));
      expect([pointer, found]).toEqual([
        pointer,
        expect.objectContaining({ severity: 'error', line: expect.any(Number), column: expect.any(Number) }),
      ]);
    }
    expect((await get(`/${slug}`)).body.data.active_version).toBe('1.0.0');
    expect(await versionsOf(slug)).toEqual(['1.0.0']);
  });

  test.each([
    ['a document that is not a descriptor', 'flower: "0.1"'],
    ['invalid YAML', 'metadata: ['],
    ['an empty text', ''],
  ])('%s', async (_name, text) => {
    const { status, body } = await register(text);
    expect([status, body.error.code]).toEqual([422, 'invalid_document']);
    expect(body.diagnostics.length).toBeGreaterThan(0);
  });
});

describe('validating', () => {
  test('lists what is wrong', async () => {
    const broken = ticketDescriptor().replace('publisher: Platform Team', 'publisher: P');
    const { status, body } = await plane.send('POST', `${path}/validate`, { descriptor: broken });
    expect([status, body.data]).toMatchObject([200, { valid: false, diagnostics: [{ line: 6, severity: 'error' }] }]);
  });

  test('saves nothing', async () => {
    const descriptor = ticketDescriptor({ slug: 'only-validated' });
    const { status, body } = await plane.send('POST', `${path}/validate`, { descriptor });
    expect([status, body.data.valid]).toEqual([200, true]);
    expect((await get('/only-validated')).status).toBe(404);
  });
});

describe('showing', () => {
  beforeAll(async () => {
    await register(ticketDescriptor({ slug: 'shown-one' }));
    await register(
      ticketDescriptor({ slug: 'shown-two' }).replace('[saas]', '[messaging]').replace('[support]', '[Mail]'),
    );
  });
  const slugsOf = ({ body }: HttpAnswer) => body.data.map(({ slug }: { slug: string }) => slug);

  test.each([
    ['q=shown', ['shown-one', 'shown-two']],
    ['q=SHOWN-T', ['shown-two']],
    ['q=shown%25', []],
    ['q=shown&category=messaging', ['shown-two']],
    ['q=shown&tag=Mail', ['shown-two']],
    ['q=shown&tag=mail', []],
    ['q=shown&limit=1', ['shown-one']],
    ['q=shown&limit=1&page=2', ['shown-two']],
  ])('?%s', async (query, slugs) => {
    expect(slugsOf(await get(`?${query}`))).toEqual(slugs);
  });

  test('a form can be built from what is shown: ways to sign in with their fields, implied ones too', async () => {
    const descriptor = ticketDescriptor({ slug: 'with-form' });
    await register(descriptor.replace('operations:\n', '  - type: basic\noperations:\n'));
    const { data } = (await get('/with-form')).body;
    expect(data.authentication).toMatchObject([
      { id: 'api_key', type: 'api_key', has_test: true, fields: [{ key: 'api_key', secret: true, required: true }] },
      {
        id: 'basic',
        has_test: false,
        fields: [
          { key: 'username', secret: false },
          { key: 'password', secret: true },
        ],
      },
    ]);
    expect(data).toMatchObject({
      slug: 'with-form',
      name: 'Ticket System',
      version: '1.0.0',
      operations_count: 2,
      tools_count: 2,
      capabilities: { sync_modes: ['full_refresh'] },
      database_config: { schema: 'tickets' },
      rate_limits: [{ scope: 'per_account', limit: 1000, interval_seconds: 60 }],
      sla: { availability_percentage: 99.5, latency_ms_p95: 1500 },
      mcp_config: { enabled: true, server_name: 'ticket_system' },
      tools: [
        { name: 'search_tickets', operation_id: 'search_tickets', is_read_only: true },
        { name: 'create_ticket', operation_id: 'create_ticket', is_read_only: false },
      ],
    });
  });

  test('404 for what does not exist', async () => {
    for (const rest of ['/nowhere', '/nowhere/versions', '/nowhere/versions/1.0.0', '/nowhere/openapi']) {
      const { status, body } = await get(rest);
      expect([rest, status, body.error.message]).toEqual([rest, 404, 'There is no such connector']);
    }
    for (const rest of ['/shown-one/versions/9.9.9', '/shown-one/openapi?version=9.9.9']) {
      const { status, body } = await get(rest);
      expect([rest, status, body.error.message]).toEqual([rest, 404, 'There is no such version of the connector']);
    }
  });

  test('an OpenAPI document with nothing around it', async () => {
    const { status, headers, body } = await get('/shown-one/openapi');
    expect([status, headers.get('content-type'), body.openapi]).toEqual([
      200,
      'application/json; charset=utf-8',
      '3.1.0',
    ]);
  });
});

test('the difference between two versions says what breaks', async () => {
  const slug = 'differing';
  await register(ticketDescriptor({ slug }));
  const without = ticketDescriptor({ slug, version: '2.0.0' })
    .replace(/ {2}- operation_id: create_ticket.*?(?=capabilities)/s, '')
    .replace(/ {4}- \{ operation_id: create_ticket.*\n/, '');
  expect((await register(without)).status).toBe(201);
  const { status, body } = await get(`/${slug}/diff?from=1.0.0&to=2.0.0`);
  expect([status, body.data.is_breaking]).toEqual([200, true]);
  expect(body.data.changes).toContainEqual(
    expect.objectContaining({ kind: 'removed', path: '/operations/create_ticket', is_breaking: true }),
  );
  expect(body.data.changes_count).toBe(body.data.changes.length);
  expect((await get(`/${slug}/diff?from=1.0.0&to=3.0.0`)).status).toBe(404);
  expect((await get(`/${slug}/diff?from=1.0.0`)).status).toBe(400);
});

describe('importing OpenAPI', () => {
  const importDocument = (document: string, options?: object) =>
    plane.send('POST', `${path}/import-openapi`, { document, options });
  const openApi = {
    openapi: '3.1.0',
    info: { title: 'Things of the shop', version: '1' },
    servers: [{ url: 'https://api.example.test' }],
    paths: { '/things': { get: { operationId: 'listThings', summary: 'List all things', responses: {} } } },
  };

  test('gives a descriptor that can be registered, and saves nothing', async () => {
    const options = { slug: 'imported', publisher: 'The shop' };
    const { status, body } = await importDocument(JSON.stringify(openApi), options);
    expect([status, body.data]).toMatchObject([200, { imported: 1, skipped: [] }]);
    expect((await get('/imported')).status).toBe(404);
    expect((await register(body.data.descriptor)).status).toBe(201);
  });

  test('options say what is imported, and from where', async () => {
    const { body } = await importDocument(
      JSON.stringify({
        ...openApi,
        paths: { '/things': { ...openApi.paths['/things'], post: { summary: 'Add a thing', responses: {} } } },
      }),
      { slug: 'chosen', server_url: 'https://other.example.test', read_only: true, with_deprecated: true },
    );
    const { operations } = JSON.parse(body.data.descriptor);
    expect(operations).toMatchObject([{ method: 'GET', endpoint: 'https://other.example.test/things' }]);
  });

  test('a document that says nothing of security is given an authentication', async () => {
    const authentication = { type: 'api_key', header: 'X-Key' };
    const { body } = await importDocument(JSON.stringify(openApi), { slug: 'with-key', authentication });
    expect(JSON.parse(body.data.descriptor)).toMatchObject({
      authentication: [{ type: 'api_key' }],
      operations: [{ auth_type_ref: 'api_key', auth_headers: { 'X-Key': '{api_key}' } }],
    });
    const without = await importDocument(JSON.stringify(openApi), { slug: 'without-key' });
    expect(without.body.data.diagnostics).toMatchObject([{ code: 'no_authentication' }]);
    expect((await importDocument(JSON.stringify(openApi), { authentication: { type: 'api_key' } })).status).toBe(400);
  });

  test('a document of more than 2 MiB is accepted', async () => {
    const large = { ...openApi, info: { ...openApi.info, description: 'x'.repeat(3 * 1024 * 1024) } };
    expect((await importDocument(JSON.stringify(large), { slug: 'imported-large' })).status).toBe(200);
  });

  test('422 for what is not an OpenAPI document', async () => {
    const { status, body } = await importDocument('hello');
    expect([status, body.error.code]).toEqual([422, 'invalid_document']);
    expect(body.diagnostics.length).toBeGreaterThan(0);
  });

  test('400 for an unknown option', async () => {
    expect((await importDocument(JSON.stringify(openApi), { unknown: 1 })).status).toBe(400);
  });
});

describe('/schemas/connector.json', () => {
  const ask = (headers: Record<string, string> = {}) =>
    plane.send('GET', '/schemas/connector.json', undefined, { key: '', headers });

  test('is a JSON Schema that everybody may fetch, even from a browser', async () => {
    const { status, headers, body } = await ask();
    expect([status, body.type, body.$schema]).toEqual([200, 'object', 'https://json-schema.org/draft/2020-12/schema']);
    expect(headers.get('content-type')).toContain('application/schema+json');
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('cache-control')).toBe('public, max-age=3600');
  });

  test('is not sent again to a client that has it', async () => {
    const etag = (await ask()).headers.get('etag') ?? '';
    // Without this header, `fetch` requests a copy that no cache has.
    const headers = { 'if-none-match': etag, 'cache-control': 'max-age=0' };
    expect(await ask(headers)).toMatchObject({ status: 304, text: '' });
  });

  test('405 for another method', async () => {
    expect((await plane.send('POST', '/schemas/connector.json', {})).status).toBe(405);
  });
});

describe('tenants', () => {
  test('another organization sees nothing of a connector and may use its slug', async () => {
    const slug = 'own-slug';
    await register(ticketDescriptor({ slug }));
    const { key } = await plane.createTenant();
    expect((await get('', key)).body).toMatchObject({ total: 0, data: [] });
    for (const rest of [`/${slug}`, `/${slug}/versions`, `/${slug}/versions/1.0.0`, `/${slug}/openapi`]) {
      expect([rest, (await get(rest, key)).status]).toEqual([rest, 404]);
    }
    const deprecation = await plane.send('POST', `${path}/${slug}/deprecate`, { version: '1.0.0' }, { key });
    expect(deprecation.status).toBe(404);
    expect((await register(ticketDescriptor({ slug, marker: 'theirs' }), key)).status).toBe(201);
    expect((await get(`/${slug}`)).body.data.description).toContain('(a)');
  });

  test('two workspaces of an organization share their connectors', async () => {
    const workspace = await plane.send('POST', '/api/v1/workspaces', { name: 'Sharing' });
    const workspaceId = workspace.body.data.id;
    const created = await plane.send('POST', '/api/v1/api-keys', {
      name: 'sharing',
      workspaceId,
      permissions: ['servers:read', 'connectors:write'],
    });
    const { key } = created.body.data;
    await register(ticketDescriptor({ slug: 'shared' }), key);
    expect((await get('/shared')).status).toBe(200);
    expect((await register(ticketDescriptor({ slug: 'shared', version: '1.0.1' }))).status).toBe(201);
    expect((await get('/shared', key)).body.data.active_version).toBe('1.0.1');
  });

  test('403 for a key with the default permissions: what is shared is for its owner to change', async () => {
    const { body } = await plane.send('POST', '/api/v1/api-keys', { name: 'by default' });
    expect((await register(ticketDescriptor({ slug: 'forbidden' }), body.data.key)).status).toBe(403);
    expect((await get('/shown-one', body.data.key)).status).toBe(200);
  });
});
