import type { TestPlatform } from './platform.ts';

export type SignedInMember = {
  cookie: string;
  /** The headers that a page of the control plane sends with a change. */
  headers: Record<string, string>;
};

/** Invites a person to the organization, who accepts and is signed in from then on. */
export async function joinOrganization(
  { api, rest }: Pick<TestPlatform, 'api' | 'rest'>,
  role: 'admin' | 'owner',
): Promise<SignedInMember> {
  const request = { scope: 'organization', role };
  const { link = '' } = (await rest.call<{ link: string }>('POST', '/invitations', request)) ?? {};
  const ofPage = {
    'content-type': 'application/json',
    'sec-fetch-site': 'same-origin',
    origin: new URL(api).origin,
  };
  const joined = await fetch(`${api}/api/v1/invitations/accept`, {
    method: 'POST',
    headers: ofPage,
    body: JSON.stringify({
      token: new URL(link).pathname.split('/').at(-1),
      name: 'Ada',
      email: `${role}-${Date.now()}@example.test`,
      password: 'a password for one test',
    }),
  });
  const { data } = (await joined.json()) as { data: { csrfToken: string } };
  const cookies = joined.headers.getSetCookie().map((it) => it.split(';', 1)[0]);
  const cookie = cookies.join('; ');
  return { cookie, headers: { ...ofPage, cookie, 'x-csrf-token': data.csrfToken } };
}
