import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { AppError, succeeded } from '@toolplane/contracts';
import { createMember } from './browser.ts';
import { flowerDocument, startTestControlPlane, type TestControlPlane } from './control-plane.ts';
import { createOauthClient, postForm, REDIRECT_URI, register } from './oauth-client.ts';

/* What strangers can make the platform fetch, and how that affects other clients. */

let plane: TestControlPlane;
let resource: string;
let answer: (url: string) => string;
const fetched: string[] = [];

beforeAll(async () => {
  plane = await startTestControlPlane({ trustedProxies: ['127.0.0.0/8'] });
  const { body } = await plane.send('POST', '/api/v1/mcp-servers', { name: 'desk', mode: 'NORMAL' });
  await plane.send('POST', `/api/v1/mcp-servers/${body.data.id}/deploy`, { definition: flowerDocument() });
  resource = `https://mcp.example.test/mcp/${body.data.id}`;
  await plane.serveCommands(async (command) => {
    if (command.command !== 'fetch_document') throw new AppError('invalid_request', 'Nothing else is asked here');
    fetched.push(command.url);
    return succeeded({ gzipped: gzipSync(answer(command.url)).toString('base64'), sha256: '' });
  });
});
afterAll(() => plane?.close());
beforeEach(() => {
  fetched.length = 0;
});

test('keys of a client count like documents: at most thirty a minute are fetched for one address (T45)', async () => {
  answer = () => 'not a set of keys, so it is asked for again each time';
  const { body: client } = await register(plane, {
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    jwks_uri: 'https://client.example.test/keys',
  });
  const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url');
  for (let index = 0; index < 40; index += 1) {
    const exp = Math.floor(Date.now() / 1000) + 60;
    const claims = { iss: client.client_id, sub: client.client_id, aud: 'https://api.example.test/oauth', exp };
    const form = {
      grant_type: 'refresh_token',
      refresh_token: 'any',
      resource,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: [encode({ alg: 'ES256' }), encode({ ...claims, jti: `j${index}` }), 'A'.repeat(86)].join('.'),
    };
    const { status } = await postForm(plane, '/oauth/token', form, { 'x-forwarded-for': '198.51.100.7' });
    expect(status).toBe(401);
  }
  expect(fetched).toHaveLength(30);
});

test('a person can consent after strangers have made the platform forget the document of their client (T45)', async () => {
  answer = (url) =>
    JSON.stringify({ client_id: url, redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: 'none' });
  const clientId = 'https://good.example.test/client';
  const person = await createMember(plane, { email: 'ann@example.test', role: 'viewer' });
  const client = createOauthClient(plane, clientId, resource);
  /** Requests more documents than the library keeps, once, before the consent page is opened. */
  let forgotten = 0;
  const forget = async () => {
    for (; forgotten < 210; forgotten += 1) {
      const query = new URLSearchParams({ client_id: `https://bad.example.test/${forgotten}`, resource });
      const headers = { 'x-forwarded-for': `203.0.113.${forgotten}` };
      await fetch(`${plane.base}/oauth/authorize?${query}`, { redirect: 'manual', headers });
    }
  };
  const { redirect } = await client.authorize(person, {}, { agrees: true, before: forget });
  expect(redirect.get('code')).not.toBeNull();
  expect(fetched.filter((url) => url === clientId).length).toBeGreaterThan(1);
});
