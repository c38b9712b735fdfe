import { hash, randomBytes } from 'node:crypto';
import type { SeenRequest } from './upstream.ts';

type Answer = { status?: number; headers?: Record<string, string>; body: unknown };

/**
 * An OAuth 2.0 provider with client credentials, authorization code with PKCE and refresh; and an API that requires its
 * tokens.
 */
export type SignInProvider = {
  client: { id: string; secret: string };
  /** The requests to the token endpoint. */
  grants: Record<string, string>[];
  /** Invalidates all access tokens, so that a new one is needed. */
  revokeAccessTokens(): void;
  answer(request: SeenRequest & { url: URL }): Answer | undefined;
};

export function createSignIn(createToken = () => randomBytes(16).toString('base64url')): SignInProvider {
  const challenges = new Map<string, string>();
  /** The person that each token or code belongs to. */
  const persons = new Map<string, string>();
  const accessTokens = new Set<string>();
  const refreshTokens = new Set<string>();
  const client = { id: 'client-0123456789', secret: 'client-secret-0123456789' };
  const grants: Record<string, string>[] = [];

  /** Treats every visitor as a person who has signed in, whom the cookie names, and who agrees. */
  function authorize({ url: { searchParams: asked }, headers: { cookie = '' } }: SeenRequest & { url: URL }): Answer {
    const redirectUri = asked.get('redirect_uri') ?? '';
    const isAsWanted =
      asked.get('response_type') === 'code' &&
      asked.get('client_id') === client.id &&
      asked.get('code_challenge_method') === 'S256';
    if (!isAsWanted) return { status: 400, body: { error: 'invalid_request' } };
    const code = randomBytes(16).toString('base64url');
    challenges.set(code, asked.get('code_challenge') ?? '');
    persons.set(code, /person=(\w+)/.exec(cookie)?.[1] ?? 'Ada');
    const location = `${redirectUri}?${new URLSearchParams({ code, state: asked.get('state') ?? '' })}`;
    return { status: 302, headers: { location }, body: {} };
  }

  function giveToken({ headers, body }: SeenRequest): Answer {
    const asked = Object.fromEntries(new URLSearchParams(body));
    grants.push(asked);
    const [, basic = ''] = /^Basic (.*)$/.exec(headers.authorization ?? '') ?? [];
    const [id = asked['client_id'], secret = asked['client_secret']] =
      basic === '' ? [] : Buffer.from(basic, 'base64').toString().split(':').map(decodeURIComponent);
    if (id !== client.id || secret !== client.secret) return { status: 401, body: { error: 'invalid_client' } };
    if (!isGranted(asked)) return { status: 400, body: { error: 'invalid_grant' } };
    const [accessToken, refreshToken] = [createToken(), createToken()];
    const person = persons.get(asked['code'] ?? asked['refresh_token'] ?? '') ?? 'Ada';
    for (const token of [accessToken, refreshToken]) persons.set(token, person);
    accessTokens.add(accessToken);
    refreshTokens.add(refreshToken);
    const token = { access_token: accessToken, token_type: 'Bearer', expires_in: 3600 };
    return {
      body: { ...token, ...(asked['grant_type'] === 'client_credentials' ? {} : { refresh_token: refreshToken }) },
    };
  }

  function isGranted(asked: Record<string, string>): boolean {
    const { grant_type: type, code = '', code_verifier: verifier = '', refresh_token: refreshToken = '' } = asked;
    if (type === 'client_credentials') return true;
    // Codes and refresh tokens can be used once.
    if (type === 'refresh_token') return refreshTokens.delete(refreshToken);
    const challenge = challenges.get(code);
    challenges.delete(code);
    return type === 'authorization_code' && challenge === hash('sha256', verifier, 'base64url');
  }

  return {
    client,
    grants,
    revokeAccessTokens: () => accessTokens.clear(),
    answer(request) {
      const { pathname } = request.url;
      if (pathname === '/authorize') return authorize(request);
      if (pathname === '/token') return giveToken(request);
      if (pathname !== '/whoami') return undefined;
      const token = /^Bearer (.*)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
      return accessTokens.has(token)
        ? { body: { name: persons.get(token) } }
        : { status: 401, body: { error: 'invalid_token' } };
    },
  };
}
