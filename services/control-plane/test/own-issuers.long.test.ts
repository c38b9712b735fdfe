import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { failed, succeeded } from '@toolplane/contracts';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';

/* The authorization server of an owner, as the owner describes it and as it is published to edges. */

let plane: TestControlPlane;
let served: { close(): Promise<void> };
/** The documents that are served, by URL. */
let pages: Record<string, unknown>;
let fetched: string[];

const path = '/api/v1/mcp_manager';
const issuer = 'https://id.example.test/tenants/one';
const openid = `${issuer}/.well-known/openid-configuration`;
const oauth = 'https://id.example.test/.well-known/oauth-authorization-server/tenants/one';
const jwksUri = 'https://keys.example.test/jwks';
const userinfoEndpoint = 'https://id.example.test/me';
const jwks = { keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y' }] };
let count = 0;

beforeAll(async () => {
  plane = await startTestControlPlane();
  served = await plane.serveCommands(async (command) => {
    if (command.command !== 'fetch_document') throw new Error(command.command);
    fetched.push(command.url);
    const page = pages[command.url];
    if (page === undefined) return failed('done', 'upstream_bad_response', 'The server answered with status 404');
    const bytes = Buffer.from(typeof page === 'string' ? page : JSON.stringify(page));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return succeeded({ gzipped: gzipSync(bytes).toString('base64'), sha256 });
  });
});
afterAll(async () => {
  await served.close();
  await plane.close();
});
beforeEach(() => {
  pages = { [openid]: { issuer, jwks_uri: jwksUri, userinfo_endpoint: userinfoEndpoint }, [jwksUri]: jwks };
  fetched = [];
});

const create = (settings: unknown) => {
  count += 1;
  return plane.send('POST', path, { name: `owned-${count}`, oauth: settings });
};
const manifestOf = async (id: string) => plane.snapshot.getManifest(id);
const planOf = async (id: string) => plane.snapshot.getPlan((await manifestOf(id))?.authorization?.planDigest ?? '');
const detailsOf = ({ status, body }: Awaited<ReturnType<typeof create>>) => [status, body.error?.details];

describe('an issuer of JWTs', () => {
  test('is found by its metadata, and edges are told how its tokens are verified', async () => {
    const scopes = { read: 'weather.read', call: 'weather.write' };
    const { status, body } = await create({ issuer, scopes, claims: { username: 'email' } });
    expect([status, body.data.oauth]).toEqual([
      201,
      { issuer, tokens: 'jwt', jwksUri, maxTokenAgeSeconds: 3600, scopes, claims: { username: 'email' } },
    ]);
    expect(fetched).toEqual([openid, jwksUri]);
    const manifest = await manifestOf(body.data.id);
    expect(manifest?.authorization).toEqual({
      issuer,
      tokens: 'jwt',
      ageSecondsMax: 3600,
      scopes,
      claims: { username: 'email' },
      deadlineMs: 10_000,
      planDigest: expect.any(String),
    });
    expect(await planOf(body.data.id)).toMatchObject({
      serverId: body.data.id,
      tool: 'issuer:keys',
      allowedHosts: [],
      steps: [{ request: { method: 'GET', url: { kind: 'parts', parts: [jwksUri] }, returnsRedirects: true } }],
    });
  });

  test('may have the metadata of OAuth instead (RFC 8414)', async () => {
    pages = { [oauth]: { issuer, jwks_uri: jwksUri }, [jwksUri]: jwks };
    expect((await create({ issuer })).status).toBe(201);
    expect(fetched).toEqual([openid, oauth, jwksUri]);
  });

  test('may have none, where its keys are named', async () => {
    pages = { [jwksUri]: jwks };
    const { body } = await create({ issuer, jwksUri, audience: 'api://ours', maxTokenAgeSeconds: 86_400 });
    expect(fetched).toEqual([jwksUri]);
    expect((await manifestOf(body.data.id))?.authorization).toMatchObject({
      audience: 'api://ours',
      ageSecondsMax: 86_400,
    });
  });
});

test('an issuer of opaque tokens is asked about each with the token itself', async () => {
  const { body } = await create({ issuer, tokens: 'opaque' });
  expect(body.data.oauth).toMatchObject({ tokens: 'opaque', userinfoEndpoint });
  expect(await planOf(body.data.id)).toMatchObject({
    tool: 'issuer:user',
    steps: [
      {
        request: {
          url: { kind: 'parts', parts: [userinfoEndpoint] },
          headers: [
            ['accept', expect.anything()],
            ['authorization', expect.objectContaining({ kind: 'text' })],
          ],
        },
      },
    ],
  });
});

test('it can be changed and removed; what is left out stays', async () => {
  const { id } = (await create({ issuer })).body.data;
  const renamed = await plane.send('PATCH', `${path}/${id}`, { description: 'Other' });
  expect(renamed.body.data.oauth).toMatchObject({ issuer });
  const changed = await plane.send('PATCH', `${path}/${id}`, { oauth: { issuer, audience: 'api://ours' } });
  expect(changed.body.data.oauth).toMatchObject({ audience: 'api://ours', jwksUri });
  const copy = await plane.send('POST', `${path}/${id}/duplicate`, { name: 'copy-of-owned' });
  expect(copy.body.data.oauth).toEqual(changed.body.data.oauth);
  const removed = await plane.send('PATCH', `${path}/${id}`, { oauth: null });
  expect(removed.body.data.oauth).toBeNull();
  expect(await manifestOf(id)).not.toHaveProperty('authorization');
});

describe('400: an issuer whose tokens could not be verified is not accepted', () => {
  test.each<[string, () => unknown, string]>([
    ['that nobody knows', () => ({ issuer: 'https://nobody.example.test' }), 'issuer'],
    ['whose metadata name another (T26)', () => ({ issuer: `${issuer}/` }), 'issuer'],
    [
      'whose metadata name no keys',
      () => {
        pages[openid] = { issuer };
        return { issuer };
      },
      'issuer',
    ],
    [
      'whose metadata are not JSON',
      () => {
        pages = { [openid]: '<html>' };
        return { issuer };
      },
      'issuer',
    ],
    [
      'that signs with a shared secret',
      () => {
        pages[jwksUri] = { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] };
        return { issuer };
      },
      'jwksUri',
    ],
    ['whose keys do not exist', () => ({ issuer, jwksUri: 'https://id.example.test/none' }), 'jwksUri'],
    ['that has a query', () => ({ issuer: 'https://id.example.test?a=b' }), 'issuer'],
    ['that is not a URL', () => ({ issuer: 'id.example.test' }), 'issuer'],
    ['with credentials', () => ({ issuer: 'https://a:b@id.example.test' }), 'issuer'],
    ['of opaque tokens with an audience', () => ({ issuer, tokens: 'opaque', audience: 'a' }), 'audience'],
    ['of JWTs with a UserInfo endpoint', () => ({ issuer, userinfoEndpoint }), 'userinfoEndpoint'],
    ['with a scope that is two words', () => ({ issuer, scopes: { read: 'a b' } }), 'scopes.read'],
    ['with a scope that would end a challenge', () => ({ issuer, scopes: { call: 'a"' } }), 'scopes.call'],
    ['that may make tokens for ever', () => ({ issuer, maxTokenAgeSeconds: 86_401 }), 'maxTokenAgeSeconds'],
  ])('%s', async (_name, settings, place) => {
    const answer = await create(settings());
    expect(detailsOf(answer)).toEqual([400, [expect.objectContaining({ path: `body.oauth.${place}` })]]);
  });

  test('and nobody is asked on behalf of a server that does not exist', async () => {
    expect((await plane.send('PATCH', `${path}/srv_none`, { oauth: { issuer } })).status).toBe(404);
    expect(fetched).toEqual([]);
  });
});
