import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

/** A customer's existing authorization server: it issues JWTs to programs for the resource that they request. */
export type MachineIssuer = AsyncDisposable & {
  url: string;
  /** Returns a token whose subject is the client's id. */
  getToken(resource: string, scope: string): Promise<string>;
};

const client = { client_id: 'weather-bot@example.test', client_secret: 'client-secret-0123456789' };

/** Starts a certified implementation (oidc-provider). */
export async function startMachineIssuer(): Promise<MachineIssuer> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { warn, info } = console;
  Object.assign(console, { warn: () => {}, info: () => {} });
  const provider = new Provider(url, {
    clients: [{ ...client, redirect_uris: [], response_types: [], grant_types: ['client_credentials'] }],
    scopes: ['weather.read', 'weather.write'],
    cookies: { keys: ['cookie-key-of-a-test'] },
    features: {
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context, resource) => ({
          audience: resource,
          scope: 'weather.read weather.write',
          accessTokenFormat: 'jwt',
          accessTokenTTL: 300,
        }),
      },
    },
  });
  Object.assign(console, { warn, info });
  server.on('request', provider.callback());
  return {
    url,
    async getToken(resource, scope) {
      const credentials = Object.values(client).map(encodeURIComponent).join(':');
      const answer = await fetch(`${url}/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
        body: new URLSearchParams({ grant_type: 'client_credentials', resource, scope }),
      });
      const { access_token: token, error } = (await answer.json()) as { access_token?: string; error?: string };
      if (token === undefined) throw new Error(`no token: ${error}`);
      return token;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}
