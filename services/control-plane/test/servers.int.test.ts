import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { flowerDocument, startTestControlPlane, type TestControlPlane } from './control-plane.ts';

let plane: TestControlPlane;
beforeAll(async () => {
  plane = await startTestControlPlane();
});
afterAll(() => plane.close());

const path = '/api/v1/mcp-servers';
let count = 0;
const freshName = () => `server-${++count}`;
const create = async (fields: object = {}) =>
  (await plane.send('POST', path, { name: freshName(), ...fields })).body.data;

describe('201', () => {
  test('a new server has an id, a slug and a URL, and runs: it is SMART, so it offers what the catalogue has', async () => {
    const { status, body } = await plane.send('POST', path, { name: 'tickets', description: 'Tickets' });
    expect(status).toBe(201);
    const { id } = body.data;
    expect(id).toMatch(/^srv_[a-z2-7]{24}$/);
    expect(body.data).toMatchObject({
      slug: 'tickets',
      name: 'tickets',
      description: 'Tickets',
      url: `https://mcp.example.test/mcp/${id}`,
      state: 'running',
      mode: 'SMART',
      isPublic: false,
      config: { allowedHosts: [] },
      version: 1,
    });
    const manifest = { state: 'running', mode: 'smart', slug: 'tickets', tools: [] };
    expect(await plane.snapshot.getManifest(id)).toMatchObject(manifest);
    expect((await plane.snapshot.getManifestBySlug('ws_default', 'tickets'))?.serverId).toBe(id);
  });

  test('in mode NORMAL it is stopped until it has tools', async () => {
    const { id, state } = await create({ mode: 'NORMAL' });
    expect(state).toBe('stopped');
    expect(await plane.snapshot.getManifest(id)).toMatchObject({ state: 'stopped', tools: [] });
  });

  test('META is SMART', async () => {
    expect(await create({ mode: 'META' })).toMatchObject({ mode: 'SMART' });
  });

  test('two organizations may use the same name', async () => {
    const { key } = await plane.createTenant();
    const { name } = await create();
    expect((await plane.send('POST', path, { name }, { key })).status).toBe(201);
  });
});

describe('200', () => {
  test('id and slug name the same server, on both paths', async () => {
    const { id, slug } = await create();
    for (const base of [path, '/api/v1/mcp_manager']) {
      for (const name of [id, slug]) expect((await plane.send('GET', `${base}/${name}`)).body.data.id).toBe(id);
    }
  });

  test('a change keeps what it does not name, and is published', async () => {
    const { id } = await create({ description: 'before', config: { allowedHosts: ['*.example.test'] } });
    const name = freshName();
    const { body } = await plane.send('PATCH', `${path}/${id}`, { name, isPublic: true });
    expect(body.data).toMatchObject({
      slug: name,
      isPublic: true,
      description: 'before',
      config: { allowedHosts: ['*.example.test'] },
      version: 2,
    });
    expect(await plane.snapshot.getManifest(id)).toMatchObject({ slug: name, isPublic: true });
  });

  test('config lists the tools that run, and no headers of anything', async () => {
    const { id } = await create({ mode: 'NORMAL' });
    await plane.send('POST', `${path}/${id}/deploy`, { definition: flowerDocument() });
    const { body } = await plane.send('GET', `${path}/${id}/config`);
    expect(body.data).toEqual({
      mode: 'NORMAL',
      tools: [{ name: 'ticket_status', description: expect.any(String), inputSchema: expect.any(Object) }],
      externalMcpConfigs: [],
      metaTools: [],
      selectedTools: [],
      renamed: [],
      missing: [],
      leftOut: [],
      exposed: [],
      missingSecrets: [],
      diagnostics: [],
    });
  });

  test('after a deletion the server is gone here and for the other planes, and its name is free', async () => {
    const { id, slug } = await create();
    expect((await plane.send('DELETE', `${path}/${slug}`)).status).toBe(204);
    expect((await plane.send('GET', `${path}/${id}`)).status).toBe(404);
    expect(await plane.snapshot.getManifest(id)).toMatchObject({ state: 'deleted', tools: [] });
    expect((await plane.send('POST', path, { name: slug })).status).toBe(201);
  });
});

describe('lists', () => {
  let key: string;
  const names = Array.from({ length: 7 }, (_, index) => `list-${index}`);
  beforeAll(async () => {
    ({ key } = await plane.createTenant());
    for (const name of names) await plane.send('POST', path, { name, description: `Number ${name}` }, { key });
  });
  const list = (query: string) => plane.send('GET', `${path}?${query}`, undefined, { key });
  const slugs = (answer: { body: { data: { slug: string }[] } }) => answer.body.data.map(({ slug }) => slug);

  test('newest first, by default', async () => {
    const { body } = await list('');
    expect(body).toMatchObject({
      total: 7,
      page: 1,
      limit: 20,
      totalPages: 1,
      hasNextPage: false,
      hasPreviousPage: false,
    });
    expect(slugs({ body })).toEqual(names.toReversed());
  });

  test('pages by number', async () => {
    const { body } = await list('page=2&limit=3&sortBy=name&sortOrder=ASC');
    expect(slugs({ body })).toEqual(['list-3', 'list-4', 'list-5']);
    expect(body).toMatchObject({ totalPages: 3, hasNextPage: true, hasPreviousPage: true });
  });

  test.each(['sortBy=name&sortOrder=ASC', 'sortBy=createdAt&sortOrder=DESC', 'sortBy=updatedAt&sortOrder=ASC'])(
    'cursors lead through the whole list once: %s',
    async (query) => {
      const seen: string[] = [];
      let cursor = '';
      do {
        const { body } = await list(`limit=3&${query}${cursor}`);
        seen.push(...slugs({ body }));
        cursor = body.nextCursor === undefined ? '' : `&cursor=${encodeURIComponent(body.nextCursor)}`;
      } while (cursor !== '');
      expect(seen.toSorted()).toEqual(names);
    },
  );

  test('a cursor continues although servers before it were deleted, and pages become larger', async () => {
    const { key } = await plane.createTenant();
    const send = (method: string, at: string, body?: unknown) => plane.send(method, at, body, { key });
    for (const name of names) await send('POST', path, { name });
    const page = async (query: string) => (await send('GET', `${path}?sortBy=name&sortOrder=ASC&${query}`)).body;
    const first = await page('limit=3');
    for (const { id } of first.data) await send('DELETE', `${path}/${id}`);
    const second = await page(`limit=2&cursor=${first.nextCursor}`);
    expect([slugs({ body: second }), second.hasNextPage]).toEqual([['list-3', 'list-4'], true]);
    const rest = await page(`limit=100&cursor=${second.nextCursor}`);
    expect([slugs({ body: rest }), rest.hasNextPage]).toEqual([['list-5', 'list-6'], false]);
    expect(rest).not.toHaveProperty('nextCursor');
  });

  test('the last page by a cursor is the last, although servers before it were created', async () => {
    const { key } = await plane.createTenant();
    const create = (name: string) => plane.send('POST', path, { name }, { key });
    for (const name of ['list-1', 'list-2', 'list-3', 'list-4']) await create(name);
    const page = async (query: string) =>
      (await plane.send('GET', `${path}?limit=2&sortBy=name&sortOrder=ASC&${query}`, undefined, { key })).body;
    const first = await page('');
    for (const name of ['earlier-1', 'earlier-2']) await create(name);
    const last = await page(`cursor=${first.nextCursor}`);
    expect([slugs({ body: last }), last.hasNextPage]).toEqual([['list-3', 'list-4'], false]);
    expect(last).not.toHaveProperty('nextCursor');
  });

  test('q looks into names and descriptions', async () => {
    expect(slugs(await list('q=LIST-4'))).toEqual(['list-4']);
    expect((await list('q=%25')).body.total).toBe(0);
  });

  test('400 for a cursor of another workspace, of another query, or changed (T36, B125)', async () => {
    const { nextCursor } = (await list('limit=3')).body;
    const asked = await plane.send('GET', `${path}?limit=3&cursor=${nextCursor}`);
    expect(asked.status).toBe(400);
    expect((await list(`limit=3&sortBy=name&cursor=${nextCursor}`)).status).toBe(400);
    expect((await list(`limit=3&cursor=x${nextCursor}`)).status).toBe(400);
  });
});

describe('400', () => {
  test.each([
    ['no name', { name: undefined }, 'body.name'],
    ['a name that is not a slug', { name: 'Not A Slug' }, 'body.name'],
    ['an unknown mode', { mode: 'FAST' }, 'body.mode'],
    ['a host with a scheme', { config: { allowedHosts: ['https://a.test'] } }, 'body.config.allowedHosts.0'],
    ['an unknown setting', { config: { cacheMinutes: 1 } }, 'body.config.cacheMinutes'],
    ['tools selected in mode SMART', { selectedTools: ['a.b'] }, 'body.selectedTools'],
    [
      'an external server without its tools',
      { externalMcpConfigs: [{ name: 'a', url: 'https://a.test' }] },
      'body.externalMcpConfigs.0.tools',
    ],
    ['an id chosen by the caller (B126)', { id: 'srv_mine' }, 'body.id'],
    ['another workspace (B126)', { workspaceId: 'ws_x' }, 'body.workspaceId'],
  ])('%s', async (_name, fields, violated) => {
    const { status, body } = await plane.send('POST', path, { name: freshName(), ...fields });
    expect([status, body.error.code]).toEqual([400, 'invalid_request']);
    expect(body.error.details.map((violation: { path: string }) => violation.path)).toEqual([violated]);
  });

  test('a change of what people may not change (B126)', async () => {
    const { id } = await create();
    const { status, body } = await plane.send('PATCH', `${path}/${id}`, {
      workspaceId: 'ws_x',
      createdAt: 'now',
      state: 'running',
    });
    expect(status).toBe(400);
    expect(body.error.details).toHaveLength(3);
  });
});

test.each(['/api/v1/mcp-servers', '/api/v1/api-keys'])('a description is removed with null: %s', async (list) => {
  const { body } = await plane.send('POST', list, { name: freshName(), description: 'short-lived' });
  const place = `${list}/${body.data.id}`;
  expect((await plane.send('PATCH', place, {})).body.data.description).toBe('short-lived');
  expect((await plane.send('PATCH', place, { description: null })).body.data.description).toBeNull();
});

describe('409', () => {
  test('a name that the workspace already has', async () => {
    const [first, second] = [await create(), await create()];
    expect((await plane.send('POST', path, { name: first.name })).status).toBe(409);
    expect((await plane.send('PATCH', `${path}/${second.id}`, { name: first.name })).status).toBe(409);
  });

  test.each(['version', 'If-Match'])('of two changes at once for the same version, by %s (B127)', async (by) => {
    const { id, version } = await create();
    const change = (description: string) =>
      by === 'version'
        ? plane.send('PATCH', `${path}/${id}`, { description, version })
        : plane.send('PATCH', `${path}/${id}`, { description }, { headers: { 'if-match': `"${version}"` } });
    const statuses = (await Promise.all([change('one'), change('two')])).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([200, 409]);
  });

  test('a version in the body does not hide an outdated ETag', async () => {
    const { id, version } = await create();
    const change = (etag: string) =>
      plane.send('PATCH', `${path}/${id}`, { description: 'x', version }, { headers: { 'if-match': etag } });
    expect((await change(`"${version + 1}"`)).status).toBe(409);
    expect((await change(`"${version}"`)).status).toBe(200);
  });

  test('the ETag of a server is its version', async () => {
    const { id } = await create();
    expect((await plane.send('GET', `${path}/${id}`)).headers.get('etag')).toBe('"1"');
  });
});
