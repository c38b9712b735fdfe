import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';

/**
 * An MCP server that requires tokens and, on another port, the authorization server that issues them. Anybody who opens
 * the authorization page is signed in at once.
 */
export type GuardedServer = AsyncDisposable & {
  url: string;
  issuer: string;
  /** The scopes that a token needs; a call without them is refused. */
  wanted: string[];
  /** The paths that the authorization server was requested at. */
  asked: string[];
  /** The access tokens that are valid. */
  tokens: Map<string, { scope: string }>;
  refreshTokens: Map<string, { scope: string }>;
  /** The lifetime of the access tokens that are issued from now on. */
  lifetimeSeconds: number;
  /** The `Authorization` headers of the tool calls. */
  seen: (string | undefined)[];
  /** Opens the authorization page, as a browser would, and returns the parameters of its redirect. */
  open(authorizationUrl: string): Promise<URLSearchParams>;
};

type Code = { scope: string; challenge: string; redirectUri: string };

export async function startGuardedServer(): Promise<GuardedServer> {
  const codes = new Map<string, Code>();
  const tokens = new Map<string, { scope: string }>();
  const refreshTokens = new Map<string, { scope: string }>();
  const asked: string[] = [];
  const seen: (string | undefined)[] = [];

  function give(scope: string): object {
    const [access, refresh] = [`at-${randomUUID()}`, `rt-${randomUUID()}`];
    tokens.set(access, { scope });
    refreshTokens.set(refresh, { scope });
    return {
      access_token: access,
      token_type: 'Bearer',
      refresh_token: refresh,
      scope,
      expires_in: guarded.lifetimeSeconds,
    };
  }

  const authorizationServer = http.createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', issuer);
    asked.push(pathname);
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (pathname === '/.well-known/oauth-authorization-server') {
      return answer(200, {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        registration_endpoint: `${issuer}/register`,
        response_types_supported: ['code'],
        code_challenge_methods_supported: ['S256'],
        authorization_response_iss_parameter_supported: true,
      });
    }
    if (pathname === '/register') {
      const client = JSON.parse(await text(request));
      return answer(201, { ...client, client_id: `c-${randomUUID()}`, token_endpoint_auth_method: 'none' });
    }
    if (pathname === '/authorize') {
      const code = randomUUID();
      const redirectUri = searchParams.get('redirect_uri') ?? '';
      const [scope, challenge] = [searchParams.get('scope') ?? '', searchParams.get('code_challenge') ?? ''];
      codes.set(code, { scope, challenge, redirectUri });
      const back = new URL(redirectUri);
      for (const [name, value] of Object.entries({ code, iss: issuer, state: searchParams.get('state') ?? '' })) {
        back.searchParams.set(name, value);
      }
      return response.writeHead(302, { location: back.href }).end();
    }
    if (pathname !== '/token') return answer(404, {});
    const form = new URLSearchParams(await text(request));
    const code = codes.get(form.get('code') ?? '');
    const refresh = refreshTokens.get(form.get('refresh_token') ?? '');
    codes.delete(form.get('code') ?? '');
    refreshTokens.delete(form.get('refresh_token') ?? '');
    const granted = form.get('grant_type') === 'refresh_token' ? refresh : code;
    return granted === undefined ? answer(400, { error: 'invalid_grant' }) : answer(200, give(granted.scope));
  });
  authorizationServer.listen(0, '127.0.0.1');
  await once(authorizationServer, 'listening');
  const issuer = `http://127.0.0.1:${(authorizationServer.address() as AddressInfo).port}`;

  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: 'guarded', version: '1.0.0' });
    server.registerTool('whoami', {}, () => ({ content: [{ type: 'text', text: seen.at(-1) ?? 'nobody' }] }));
    return server;
  });
  const resourceServer = http.createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '', issuer);
    if (pathname.startsWith('/.well-known/oauth-protected-resource')) {
      const metadata = { resource: guarded.url, authorization_servers: [issuer], scopes_supported: ['read'] };
      return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(metadata));
    }
    const { authorization } = request.headers;
    const token = tokens.get(authorization?.replace('Bearer ', '') ?? '');
    const metadataUrl = `resource_metadata="${new URL('/.well-known/oauth-protected-resource', guarded.url).href}"`;
    if (token === undefined) {
      const challenge = `Bearer ${metadataUrl}, scope="${guarded.wanted.join(' ')}"`;
      return response.writeHead(401, { 'www-authenticate': challenge }).end();
    }
    const scopes = token.scope.split(' ');
    const body = await text(request);
    if (!guarded.wanted.every((scope) => scopes.includes(scope))) {
      const challenge = `Bearer error="insufficient_scope", scope="${guarded.wanted.join(' ')}", ${metadataUrl}`;
      return response.writeHead(403, { 'www-authenticate': challenge }).end();
    }
    if (body.includes('tools/call')) seen.push(authorization);
    const answer = await handler.fetch(
      new Request(guarded.url, {
        method: request.method ?? 'POST',
        headers: request.headers as Record<string, string>,
        ...(body === '' ? {} : { body }),
      }),
    );
    return response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
  });
  resourceServer.listen(0, '127.0.0.1');
  await once(resourceServer, 'listening');

  const guarded: GuardedServer = {
    issuer,
    asked,
    tokens,
    refreshTokens,
    seen,
    wanted: ['read'],
    lifetimeSeconds: 3600,
    url: `http://127.0.0.1:${(resourceServer.address() as AddressInfo).port}/mcp`,
    async open(authorizationUrl) {
      const { headers } = await fetch(authorizationUrl, { redirect: 'manual' });
      return new URL(headers.get('location') ?? '').searchParams;
    },
    async [Symbol.asyncDispose]() {
      for (const server of [authorizationServer, resourceServer]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
  return guarded;
}
