import type { TestPlatform } from './platform.ts';

/** As a new member, who created no key: whoever created the caller's key cannot approve its calls. */
export async function approveAsMember(
  { api, rest }: Pick<TestPlatform, 'api' | 'rest'>,
  approvalId: string,
  workspaceId: string,
): Promise<void> {
  const ofOurPages = {
    'content-type': 'application/json',
    'sec-fetch-site': 'same-origin',
    origin: new URL(api).origin,
  };
  const invitation = { scope: 'organization', role: 'admin' };
  const { link = '' } = (await rest.call<{ link: string }>('POST', '/invitations', invitation)) ?? {};
  const joined = await fetch(`${api}/api/v1/invitations/accept`, {
    method: 'POST',
    headers: ofOurPages,
    body: JSON.stringify({
      token: new URL(link).pathname.split('/').at(-1),
      name: 'Approver',
      email: `approver-${Date.now()}@example.test`,
      password: 'a password for one test',
    }),
  });
  const { data } = (await joined.json()) as { data: { csrfToken: string } };
  const cookie = joined.headers.getSetCookie().map((it) => it.split(';', 1)[0]);
  const answer = await fetch(`${api}/api/v1/approvals/${approvalId}/approve`, {
    method: 'POST',
    headers: { ...ofOurPages, cookie: cookie.join('; '), 'x-csrf-token': data.csrfToken, 'x-workspace': workspaceId },
    body: '{}',
  });
  if (!answer.ok) throw new Error(`The approval was answered ${answer.status}: ${await answer.text()}`);
}
