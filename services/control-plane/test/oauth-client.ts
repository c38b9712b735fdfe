import { createHash, randomBytes } from 'node:crypto';
import type { Browser } from './browser.ts';
import type { HttpAnswer, TestControlPlane } from './control-plane.ts';

export const REDIRECT_URI = 'http://127.0.0.1:33418/callback';

/** A client of the authorization server, and the browser of the person who uses it. */
export type OauthClient = {
  clientId: string;
  /** Returns where the browser of this person ends up. `decision` is what they do on the page. */
  authorize(
    person: Browser | undefined,
    params?: Record<string, string | undefined>,
    decision?: Decision | 'look',
  ): Promise<Ending>;
  /** Exchanges a code for tokens, with the verifier of the last authorization. */
  exchange(code: string, params?: Record<string, string>): Promise<HttpAnswer>;
  refresh(refreshToken: string, params?: Record<string, string>): Promise<HttpAnswer>;
  /** Runs the whole flow, from the authorization to the tokens. */
  connect(
    person: Browser,
    params?: Record<string, string | undefined>,
  ): Promise<{ access: string; refresh: string; body: HttpAnswer['body'] }>;
};

/** `before` runs before the person sees the page, or before they decide. */
type Decision = { agrees: boolean; onlyReads?: boolean; before?: () => Promise<void> };

/** `page` is the page at which the browser stopped. `redirect` has the parameters that the client received. */
export type Ending = { redirect: URLSearchParams; to: string | undefined; page: HttpAnswer };

export async function register(
  plane: Pick<TestControlPlane, 'base'>,
  metadata: Record<string, unknown> = {},
): Promise<HttpAnswer> {
  const body = {
    client_name: 'A client',
    redirect_uris: [REDIRECT_URI],
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    ...metadata,
  };
  const headers = { 'content-type': 'application/json' };
  return toAnswer(await fetch(`${plane.base}/oauth/register`, { method: 'POST', headers, body: JSON.stringify(body) }));
}

export async function postForm(
  { base }: Pick<TestControlPlane, 'base'>,
  path: string,
  params: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<HttpAnswer> {
  return toAnswer(await fetch(`${base}${path}`, { method: 'POST', headers, body: new URLSearchParams(params) }));
}

export function createOauthClient(plane: TestControlPlane, clientId: string, resource: string): OauthClient {
  let verifier = '';

  const authorize: OauthClient['authorize'] = async (person, params = {}, decision = { agrees: true }) => {
    verifier = randomBytes(32).toString('base64url');
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    const all = {
      response_type: 'code',
      client_id: clientId,
      redirect_uri: REDIRECT_URI,
      resource,
      state: 'st&te',
      code_challenge: challenge,
      code_challenge_method: 'S256',
      scope: 'tools:read tools:call',
      ...params,
    };
    const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const jar = new Map<string, string>();
    let path = `/oauth/authorize?${new URLSearchParams(given)}`;
    let post: string | undefined;
    for (let hops = 0; hops < 10; hops += 1) {
      if (decision !== 'look' && path.startsWith('/oauth/interactions/')) await decision.before?.();
      const cookies = [...jar].map(([name, value]) => `${name}=${value}`);
      if (person?.cookie !== undefined) cookies.push(`__Host-toolplane-session=${person.cookie}`);
      const answer = await toAnswer(
        await fetch(`${plane.base}${path}`, {
          redirect: 'manual',
          method: post === undefined ? 'GET' : 'POST',
          headers: {
            cookie: cookies.join('; '),
            accept: 'text/html',
            'sec-fetch-site': 'same-origin',
            origin: 'https://api.example.test',
            ...(post === undefined ? {} : { 'content-type': 'application/json' }),
            ...(person?.csrfToken === undefined ? {} : { 'x-csrf-token': person.csrfToken }),
          },
          ...(post === undefined ? {} : { body: post }),
        }),
      );
      for (const cookie of answer.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
        jar.set(name, value);
      }
      const location: string | undefined = answer.headers.get('location') ?? answer.body?.data?.redirectTo;
      const to = location === undefined ? undefined : new URL(location, 'https://api.example.test');
      post = undefined;
      if (to?.origin === 'https://api.example.test' && !to.pathname.startsWith('/sign-in')) {
        path = `${to.pathname}${to.search}`;
      } else if (
        to === undefined &&
        path.startsWith('/oauth/interactions/') &&
        answer.status === 200 &&
        decision !== 'look'
      ) {
        const { before: _, ...decided } = decision;
        post = JSON.stringify(decided);
      } else {
        return { redirect: to?.searchParams ?? new URLSearchParams(), to: to?.href, page: answer };
      }
    }
    throw new Error('it goes round in circles');
  };

  const exchange: OauthClient['exchange'] = (code, params = {}) =>
    postForm(plane, '/oauth/token', {
      grant_type: 'authorization_code',
      code,
      client_id: clientId,
      redirect_uri: REDIRECT_URI,
      resource,
      code_verifier: verifier,
      ...params,
    });

  return {
    clientId,
    authorize,
    exchange,
    refresh: (refreshToken, params = {}) =>
      postForm(plane, '/oauth/token', {
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
        client_id: clientId,
        resource,
        ...params,
      }),
    async connect(person, params = {}) {
      const { redirect, page } = await authorize(person, params);
      const code = redirect.get('code');
      if (code === null) throw new Error(`no code: ${redirect} ${page.status} ${page.text}`);
      const { status, body, text } = await exchange(code);
      if (status !== 200) throw new Error(text);
      return { access: body.access_token, refresh: body.refresh_token, body };
    },
  };
}

async function toAnswer(response: Response): Promise<HttpAnswer> {
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
}
