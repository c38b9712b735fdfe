import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js';

type Tokens = Awaited<ReturnType<OAuthClientProvider['tokens']>>;

/** A program on a person's machine: it has memory, a port for the redirect, and the person's browser. */
export type LocalProgram = AsyncDisposable & {
  /** The OAuth client provider for both SDKs. */
  provider: OAuthClientProvider & { held: { tokens?: Tokens } };
  /** The URL that the person has to open; resolves when the SDK requests it. */
  wanted: Promise<string>;
  /** The parameters of the redirect. */
  returned: Promise<URLSearchParams>;
};

export async function startLocalProgram(scope?: string): Promise<LocalProgram> {
  const wanted = Promise.withResolvers<string>();
  const returned = Promise.withResolvers<URLSearchParams>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://127.0.0.1');
    if (url.pathname === '/callback') returned.resolve(url.searchParams);
    response.writeHead(200, { 'content-type': 'text/html' }).end('<title>Back</title><h1>Back at the program</h1>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const redirectUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`;
  type Discovery = Parameters<NonNullable<OAuthClientProvider['saveDiscoveryState']>>[0];
  const held: {
    tokens?: Tokens;
    discovery?: Discovery;
    client?: Parameters<NonNullable<OAuthClientProvider['saveClientInformation']>>[0];
    verifier?: string;
  } = {};
  const provider: LocalProgram['provider'] = {
    held,
    redirectUrl,
    clientMetadata: {
      client_name: 'A program',
      redirect_uris: [redirectUrl],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      ...(scope === undefined ? {} : { scope }),
    },
    clientInformation: () => held.client,
    saveClientInformation(client) {
      held.client = client;
    },
    tokens: () => held.tokens,
    saveTokens(tokens) {
      held.tokens = tokens;
    },
    redirectToAuthorization: (url) => wanted.resolve(url.href),
    saveDiscoveryState(state) {
      held.discovery = state;
    },
    discoveryState: () => held.discovery,
    saveCodeVerifier(verifier) {
      held.verifier = verifier;
    },
    codeVerifier: () => held.verifier ?? '',
  };
  return {
    provider,
    wanted: wanted.promise,
    returned: returned.promise,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}
