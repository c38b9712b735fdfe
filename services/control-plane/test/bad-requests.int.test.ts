import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Browser, createMember } from './browser.ts';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';

/* Rules that every route must keep. The list of routes comes from the API, so a new route is tested automatically. */

let plane: TestControlPlane;
let person: Browser;
beforeAll(async () => {
  plane = await startTestControlPlane();
  person = await createMember(plane, { email: 'ada@example.test', role: 'owner' });
});
afterAll(() => plane.close());

type Route = TestControlPlane['api']['routes'][number];

/** Fills the parameters of a path with values that are valid but name nothing. */
const pathOf = ({ path }: Route) => path.replaceAll(/\{\w+\}/g, 'a');

const violations = (body: { error?: { details?: { path: string }[] } }) => body.error?.details?.map(({ path }) => path);

describe('a list', () => {
  test.each([
    'limit=-1',
    'limit=0',
    'limit=1000000000',
    'limit=abc',
    'limit=1.5',
    'limit=',
    'limit=1&limit=2',
    'page=0',
  ])('with %s is refused: 400 (B125)', async (query) => {
    const lists = plane.api.routes.filter(
      ({ method, query: schema }) => method === 'get' && 'limit' in (schema?.shape ?? {}),
    );
    expect(lists.length).toBeGreaterThan(4);
    for (const route of lists) {
      const sender = route.access === 'session' ? person : plane;
      const { status } = await sender.send('GET', `${pathOf(route)}?${query}`);
      expect([route.operationId, status]).toEqual([route.operationId, 400]);
    }
  });

  test.each(['tampered', '.', 'eyJ2YWx1ZSI6IiJ9.AAAA', '%00'])(
    'with the cursor %j is refused: 400 (B125)',
    async (cursor) => {
      const lists = plane.api.routes.filter(({ query }) => 'cursor' in (query?.shape ?? {}));
      expect(lists.length).toBeGreaterThan(0);
      for (const route of lists) {
        const { status } = await plane.send('GET', `${pathOf(route)}?cursor=${cursor}`);
        expect([route.operationId, status]).toEqual([route.operationId, 400]);
      }
    },
  );
});

describe('a time', () => {
  /** In the path of a diff, `from` and `to` are versions instead of times. */
  const filtered = () =>
    plane.api.routes.filter(({ path, query }) => 'from' in (query?.shape ?? {}) && !path.endsWith('/diff'));
  /** The last two are within the years 1 to 9999 as they are written, but not in UTC. */
  const unfit = ['0000-01-01T00:00:00Z', '0001-01-01T00:00:00%2B01:00', '9999-12-31T23:59:59-01:00'];

  test.each(unfit)('in a year that the database does not support is refused with its path: %s', async (time) => {
    for (const route of filtered()) {
      for (const name of ['from', 'to']) {
        const { status, body } = await plane.send('GET', `${pathOf(route)}?${name}=${time}`);
        expect([route.operationId, status, violations(body)]).toEqual([route.operationId, 400, [`query.${name}`]]);
      }
    }
    const expiresAt = decodeURIComponent(time);
    const { status, body } = await plane.send('POST', '/api/v1/api-keys', { name: 'timed', expiresAt });
    expect([status, violations(body)]).toEqual([400, ['body.expiresAt']]);
  });

  test.each(['0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z'])(
    'in a year that it supports is accepted: %s',
    async (to) => {
      expect(filtered().length).toBeGreaterThan(4);
      for (const route of filtered()) {
        const { status } = await plane.send('GET', `${pathOf(route)}?to=${to}`);
        expect([route.operationId, status]).toEqual([route.operationId, 200]);
      }
    },
  );
});

describe('a body', () => {
  /** Excludes routes for sessions, because they do not read the body before the session is known. */
  const routesWithBody = () =>
    plane.api.routes.filter(({ access, body }) => access !== 'session' && body !== undefined);
  /** The headers of a page of this host, because routes without a key check these. */
  const headers = { origin: 'https://api.example.test', 'sec-fetch-site': 'same-origin' };

  test.each(['tenantId', 'organizationId', 'workspaceId', 'id', 'createdAt', 'hash', 'revision', 'constructor'])(
    'with the member %s, which callers may not set, is refused: 400 (T36, B126)',
    async (name) => {
      for (const route of routesWithBody().filter(({ body }) => !Object.hasOwn(body?.shape ?? {}, name))) {
        const { status, body } = await plane.send(
          route.method.toUpperCase(),
          pathOf(route),
          { [name]: 'x' },
          { headers },
        );
        expect([route.operationId, status, violations(body)]).toEqual([
          route.operationId,
          400,
          expect.arrayContaining([`body.${name}`]),
        ]);
      }
    },
  );

  test('with values of other types and lengths is refused with what each must be, in our words', async () => {
    const foreign = /expected|received|invalid|too (?:big|small)|unrecognized|\/\^|NaN|zod/i;
    const rules = new Set<string>();
    for (const route of routesWithBody()) {
      for (const value of [null, 1.5, -1, '', 'ä/', 'x'.repeat(5000), [], [null], {}, { 'ä/': null }, true]) {
        const members = Object.keys(route.body?.shape ?? {}).map((name) => [name, value]);
        // The unknown member ensures that every request is refused, so that none has an effect.
        const body = { ...Object.fromEntries(members), nonsense: 1 };
        const answer = await plane.send(route.method.toUpperCase(), pathOf(route), body, { headers });
        expect([route.operationId, answer.status]).toEqual([route.operationId, 400]);
        for (const { message } of answer.body.error.details) rules.add(message);
      }
    }
    expect([...rules].filter((rule) => foreign.test(rule))).toEqual([]);
    expect([...rules].filter((rule) => !/^(?:must|is|are|has|at most|needs) /.test(rule))).toEqual([]);
  });

  test('with a key that targets the prototype is refused: 400 (T19)', async () => {
    for (const text of ['{"__proto__": {"polluted": 1}}', '{"constructor": {"prototype": {"polluted": 1}}}']) {
      for (const route of routesWithBody()) {
        const { status } = await plane.send(route.method.toUpperCase(), pathOf(route), undefined, { text, headers });
        expect([route.operationId, status]).toEqual([route.operationId, 400]);
      }
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('with SQL, HTML or a megabyte as a name is kept as text or refused, and never runs (B128)', async () => {
    const names = [
      "x'); DROP TABLE servers; --",
      '<script>alert(1)</script>',
      '\u202Exyz',
      'x'.repeat(1_000_000),
      '{{7*7}}',
    ];
    for (const description of names) {
      const sent = { name: `named-${names.indexOf(description)}`, description };
      const { status, body } = await plane.send('POST', '/api/v1/mcp-servers', sent);
      if (description.length > 2000) {
        expect(status).toBe(400);
        continue;
      }
      const { headers, body: read } = await plane.send('GET', `/api/v1/mcp-servers/${body.data.id}`);
      expect(read.data.description).toBe(description);
      expect(headers.get('content-type')).toMatch(/^application\/json/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).not.toContain("script-src 'unsafe-inline'");
    }
  });
});
