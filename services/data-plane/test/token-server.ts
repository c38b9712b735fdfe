import { hash, randomUUID } from 'node:crypto';
import { json, startUpstream, type Upstream } from './upstream.ts';

/** A text in the server's responses that nobody else may see. */
export const TOKEN_CANARY = 'canary-token';

type Answer = Parameters<typeof startUpstream>[0];

export type TokenServer = Upstream & {
  tokenUrl: string;
  /** The known clients with their secrets; a public client has none. */
  readonly clients: Map<string, string | undefined>;
  /** The lifetime in the response; undefined if the response has none. */
  lifetimeS: number | undefined;
  /** True if a refresh token is valid only once and each response contains a new one. */
  rotates: boolean;
  /** The tokens of callers that the server exchanges, with the requested `audience`, or '' for none. */
  readonly subjects: Map<string, string>;
  /** Replaces the server's own responses. */
  answer: Answer | undefined;
  /** Returns the parameters with which a person who agrees is sent back. */
  agree(url: string): { code: string; state: string | null };
  /** The access token that is currently valid. */
  readonly accessToken: string;
  /** Revokes all refresh tokens. */
  revokeAll(): void;
};

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

type Asked = { clientId: string; redirectUri: string | null; challenge: string | null };

/** An authorization server that follows RFC 6749, RFC 7636 and RFC 8693 as strictly as possible. */
export async function startTokenServer(): Promise<TokenServer> {
  const codes = new Map<string, Asked>();
  const refreshTokens = new Set<string>();
  let issued = 0;

  function answerToken(form: URLSearchParams, authorization: string | undefined): Answer {
    const client = readClient(form, authorization);
    if (!server.clients.has(client.id) || server.clients.get(client.id) !== client.secret)
      return refuse('invalid_client', 401);
    if (form.get('grant_type') === 'refresh_token') {
      const token = form.get('refresh_token') ?? '';
      if (!refreshTokens.has(token)) return refuse('invalid_grant');
      if (server.rotates) refreshTokens.delete(token);
      return issue(server.rotates);
    }
    if (form.get('grant_type') === EXCHANGE) return exchange(form);
    if (form.get('grant_type') !== 'authorization_code') return refuse('unsupported_grant_type');
    const code = form.get('code') ?? '';
    const asked = codes.get(code);
    codes.delete(code);
    const challenge = hash('sha256', form.get('code_verifier') ?? '', 'base64url');
    const isSame = asked?.clientId === client.id && asked.redirectUri === form.get('redirect_uri');
    return isSame && asked.challenge === challenge ? issue(true) : refuse('invalid_grant');
  }

  /** RFC 8693, 2.1: the token and its type appear once each, and an actor's type only with an actor's token. */
  function exchange(form: URLSearchParams): Answer {
    const isComplete = ['subject_token', 'subject_token_type'].every((name) => form.getAll(name).length === 1);
    if (!isComplete || form.get('subject_token_type') !== ACCESS_TOKEN || form.has('actor_token_type')) {
      return refuse('invalid_request');
    }
    const audience = server.subjects.get(form.get('subject_token') ?? '');
    if (audience === undefined) return refuse('invalid_grant');
    if (audience !== (form.get('audience') ?? '')) return refuse('invalid_target');
    issued += 1;
    return json({
      access_token: `${TOKEN_CANARY}-${issued}`,
      issued_token_type: ACCESS_TOKEN,
      token_type: 'Bearer',
      ...(server.lifetimeS === undefined ? {} : { expires_in: server.lifetimeS }),
    });
  }

  function issue(withRefreshToken: boolean): Answer {
    issued += 1;
    const refreshToken = `${TOKEN_CANARY}-refresh-${randomUUID()}`;
    if (withRefreshToken) refreshTokens.add(refreshToken);
    return json({
      access_token: `${TOKEN_CANARY}-${issued}`,
      token_type: 'Bearer',
      ...(server.lifetimeS === undefined ? {} : { expires_in: server.lifetimeS }),
      ...(withRefreshToken ? { refresh_token: refreshToken } : {}),
    });
  }

  const upstream = await startUpstream((request, response) => {
    const form = new URLSearchParams(upstream.seen.at(-1)?.body);
    const answer = server.answer ?? answerToken(form, request.headers.authorization);
    answer(request, response);
  });
  const server: TokenServer = Object.assign(upstream, {
    tokenUrl: `${upstream.url}/token`,
    clients: new Map<string, string | undefined>(),
    lifetimeS: 3600 as number | undefined,
    rotates: true,
    subjects: new Map<string, string>(),
    answer: undefined as Answer | undefined,
    accessToken: '',
    agree(text: string) {
      const { searchParams } = new URL(text);
      const code = `${TOKEN_CANARY}-code-${randomUUID()}`;
      codes.set(code, {
        clientId: searchParams.get('client_id') ?? '',
        redirectUri: searchParams.get('redirect_uri'),
        challenge: searchParams.get('code_challenge_method') === 'S256' ? searchParams.get('code_challenge') : null,
      });
      return { code, state: searchParams.get('state') };
    },
    revokeAll: () => refreshTokens.clear(),
  });
  Object.defineProperty(server, 'accessToken', { get: () => `${TOKEN_CANARY}-${issued}` });
  return server;
}

function readClient(
  form: URLSearchParams,
  authorization: string | undefined,
): { id: string; secret: string | undefined } {
  if (authorization === undefined) {
    return { id: form.get('client_id') ?? '', secret: form.get('client_secret') ?? undefined };
  }
  const pair = Buffer.from(authorization.replace(/^Basic /, ''), 'base64').toString();
  const [id = '', secret] = pair.split(':').map((half) => new URLSearchParams(`_=${half}`).get('_') ?? '');
  return { id, secret };
}

function refuse(error: string, status = 400): Answer {
  return json({ error, error_description: `${TOKEN_CANARY}-description` }, status);
}
