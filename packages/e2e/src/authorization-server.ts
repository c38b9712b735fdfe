import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';
import type { Page } from 'playwright-core';

/** An identity provider with its own accounts, and an API that reports whose token a request carries. */
export type TestIdentityProvider = AsyncDisposable & {
  url: string;
  /** `host:port`, the form in which credentials are bound to a host. */
  host: string;
  client: { client_id: string; client_secret: string };
  /** Rejects all access tokens used so far; refresh tokens remain valid. */
  revokeAccessTokens(): void;
  /** Makes everything that was issued so far invalid. */
  revokeAll(): void;
};

/** Starts a certified implementation (oidc-provider) that requires PKCE, with its own sign-in and consent pages. */
export async function startAuthorizationServer(redirectUri: string): Promise<TestIdentityProvider> {
  const client = { client_id: 'toolplane', client_secret: 'client-secret-0123456789' };
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const url = `http://${host}`;
  const provider = createQuietly(url, {
    clients: [
      {
        ...client,
        redirect_uris: [redirectUri],
        response_types: ['code'],
        grant_types: ['authorization_code', 'refresh_token'],
      },
    ],
    scopes: ['openid', 'email', 'profile', 'tickets'],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    // As with most issuers, the claims that a client requests are in the ID token.
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    issueRefreshToken: async () => true,
    rotateRefreshToken: true,
    ttl: { AccessToken: 3600, AuthorizationCode: 60, Grant: 3600, Interaction: 600, RefreshToken: 3600, Session: 3600 },
    cookies: { keys: ['cookie-key-of-a-test'] },
    findAccount: async (_context, sub) => ({ accountId: sub, claims: async () => claimsOf(sub) }),
  });
  const handle = provider.callback();
  const seen = new Set<string>();
  const refused = new Set<string>();
  let isClosed = false;
  server.on('request', async (request, response) => {
    if (isClosed && request.url === '/token') return void response.writeHead(400).end('{"error":"invalid_grant"}');
    if (request.url !== '/whoami') return void handle(request, response);
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    seen.add(token);
    const found = refused.has(token) ? undefined : await provider.AccessToken.find(token);
    response.writeHead(found === undefined ? 401 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ account: found?.accountId ?? null }));
  });
  const revokeAccessTokens = () => {
    for (const token of seen) refused.add(token);
  };
  return {
    url,
    host,
    client,
    revokeAccessTokens,
    revokeAll() {
      revokeAccessTokens();
      isClosed = true;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The claims of an account. An account whose name is an e-mail address has this address, verified. */
function claimsOf(sub: string) {
  const [name = ''] = sub.split('@');
  return { sub, name, ...(sub.includes('@') ? { email: sub, email_verified: true } : {}) };
}

/** Does what a person does on the pages of the provider: signs in, and agrees. */
export async function signInAs(page: Page, account: string): Promise<void> {
  await page.getByPlaceholder('Enter any login').fill(account);
  await page.getByPlaceholder('and password').fill('any-password');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
}

/**
 * Creates the provider without its long warnings that its own pages and keys are for development only, which is what
 * they are used for here.
 */
function createQuietly(...given: ConstructorParameters<typeof Provider>): Provider {
  const { warn, info } = console;
  Object.assign(console, { warn: () => {}, info: () => {} });
  try {
    return new Provider(...given);
  } finally {
    Object.assign(console, { warn, info });
  }
}
