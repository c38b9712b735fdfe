import type { HttpAnswer, TestControlPlane } from './control-plane.ts';

/** A browser at pages of the control plane: keeps its cookie, and sends the headers that browsers send. */
export type Browser = {
  send(method: string, path: string, body?: unknown, headers?: Record<string, string | undefined>): Promise<HttpAnswer>;
  /** The header that set the last cookie. */
  setCookie: string | undefined;
  cookie: string | undefined;
  csrfToken: string | undefined;
};

const NAME = '__Host-toolplane-session';

/** The headers with which browsers describe requests from pages of the control plane. */
export const OF_OUR_PAGES = { origin: 'https://api.example.test', 'sec-fetch-site': 'same-origin' };

export function createBrowser({ base }: Pick<TestControlPlane, 'base'>): Browser {
  const browser: Browser = { send, setCookie: undefined, cookie: undefined, csrfToken: undefined };

  async function send(method: string, path: string, body?: unknown, headers: Record<string, string | undefined> = {}) {
    const all = {
      ...OF_OUR_PAGES,
      'user-agent': 'a browser',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(browser.cookie === undefined ? {} : { cookie: `${NAME}=${browser.cookie}` }),
      ...(browser.csrfToken === undefined ? {} : { 'x-csrf-token': browser.csrfToken }),
      ...headers,
    };
    const response = await fetch(`${base}${path}`, {
      method,
      redirect: 'manual',
      headers: Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json;') ?? false;
    const answer = { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : text };
    keep(answer);
    return answer;
  }

  function keep({ headers, body }: HttpAnswer): void {
    const [setCookie] = headers.getSetCookie();
    if (setCookie !== undefined) {
      browser.setCookie = setCookie;
      browser.cookie = /^[^=]+=([^;]+)/.exec(setCookie)?.[1];
    }
    const csrfToken: unknown = body?.data?.csrfToken;
    if (typeof csrfToken === 'string') browser.csrfToken = csrfToken;
  }

  return browser;
}

export const PASSWORD = 'correct horse battery staple';

/** Creates a signed-in person with this role, invited with the key. */
export async function createMember(
  plane: TestControlPlane,
  { email, role, scope = 'organization', key = plane.rootKey }: NewMember,
): Promise<Browser & { personId: string }> {
  const { body } = await plane.send('POST', '/api/v1/invitations', { scope, role }, { key });
  const token = body.data.link.split('/').at(-1);
  const browser = createBrowser(plane);
  const accepted = await browser.send('POST', '/api/v1/invitations/accept', {
    token,
    name: 'Somebody',
    email,
    password: PASSWORD,
  });
  if (accepted.status !== 200) throw new Error(accepted.text);
  const session = await browser.send('GET', '/api/v1/session');
  return Object.assign(browser, { personId: session.body.data.person.id as string });
}

type NewMember = { email: string; role: string; scope?: 'organization' | 'workspace'; key?: string };
