import { isIP } from 'node:net';
import type { Api } from '@toolplane/service-kit/http';
import type { Database } from '../../platform/database/database.ts';
import { type Html, type HtmlPage, html, sendPage } from '../../platform/pages/page.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import { findPerson } from '../people/people.ts';
import { type AccessibleWorkspace, listAccessibleWorkspaces } from '../people/places.ts';
import type { SecondFactors, ShownFactors } from '../second-factors/second-factors.ts';
import { csrfTokenOf } from '../sign-in/forgery.ts';
import { toSignInPath } from '../sign-in/return-to.ts';
import { listSessions, type Session, type Sessions, type ShownSession } from '../sign-in/sessions.ts';
import { type ListPrograms, listPrograms, type ShownPrograms, toPrograms } from './programs.ts';

type Domains = { database: Database; grants: { list: ListPrograms }; secondFactors: SecondFactors; sessions: Sessions };
type View = {
  session: Session;
  places: AccessibleWorkspace[];
  own: ShownSession[];
  programs: ShownPrograms;
  /** Undefined if there is no web console. */
  consolePath: string | undefined;
  canUsePasskeys: boolean;
  /** A person who signs in only with an issuer has no password, and is not asked for a second factor here. */
  hasPassword: boolean;
} & ShownFactors;

/** Lists show only their newest items. */
const SHOWN = { page: 1, limit: 100 };

/** The page on which people manage how they sign in, and what programs may do. */
export function addAccountPage(
  api: Api<Principal>,
  {
    database,
    grants,
    secondFactors,
    sessions,
    publicUrl,
    consolePath,
  }: Domains & { publicUrl: string; consolePath: string | undefined },
): void {
  // Browsers store passkeys only for host names.
  const canUsePasskeys = isIP(new URL(publicUrl).hostname.replaceAll(/[[\]]/g, '')) === 0;
  api.app.get('/account', async (req, res) => {
    const session = await sessions.find(req);
    if (session?.state !== 'open') return res.redirect(303, toSignInPath('/account'));
    const { person } = session;
    const view = await database.asPlatform(async (tx) => ({
      hasPassword: typeof (await findPerson(tx, { id: person.id }))?.passwordHash === 'string',
      session,
      consolePath,
      canUsePasskeys,
      places: await listAccessibleWorkspaces(tx, person.id),
      own: (await listSessions(tx, person.id, SHOWN)).items,
    }));
    const programs = await listPrograms(grants.list, person.id, req.url);
    sendPage(res, toAccountPage({ ...view, programs, ...(await secondFactors.list(session)) }));
  });
}

function toAccountPage(view: View): HtmlPage {
  const { session, places, hasPassword, consolePath } = view;
  const { person, token } = session;
  return {
    status: 200,
    title: 'Your account',
    script: 'account.js',
    body: html`<h1>Your account</h1>
${consolePath === undefined ? undefined : html`<p><a href="${consolePath}">To the console</a></p>`}
<div id="account" data-csrf="${csrfTokenOf(token)}">
<dl><div><dt>Name</dt><dd>${person.name}</dd></div><div><dt>E-mail address</dt><dd>${person.email}</dd></div></dl>
<h2>Workspaces</h2>
${places.length === 0 ? html`<p>You are not a member of any workspace.</p>` : html`<ul>${places.map(toPlace)}</ul>`}
${toPrograms(view.programs)}
${hasPassword ? html`${toFactors(view)}${toPassword(person.email)}` : BY_ISSUER}
${toSessions(view)}
<button type="button" id="sign-out" class="quiet">Sign out</button>
</div>
<p id="message" role="alert"></p>`,
  };
}

const BY_ISSUER = html`<h2>Signing in</h2>
<p>You sign in by single sign-on: your password and second factors are managed there.</p>`;

function toPlace({ workspaceName, organizationName, roles }: AccessibleWorkspace): Html {
  return html`<li>${workspaceName}, of ${organizationName}: ${roles.organization ?? roles.workspace}</li>`;
}

function toFactors({ factors, recoveryCodesLeft, canUsePasskeys }: View): Html {
  const rows = factors.map(
    ({ id, name, createdAt }) =>
      html`<li>${name}, since ${createdAt.slice(0, 10)} <button type="button" class="small" data-remove="${id}" aria-label="Remove ${name}">Remove</button></li>`,
  );
  const codes = html`<p>Recovery codes left: ${recoveryCodesLeft}.</p>
<button type="button" id="new-codes" class="quiet">New recovery codes</button>`;
  return html`<h2>Second factors</h2>
${rows.length === 0 ? html`<p>With a second factor, a stolen password alone is not enough to sign in.</p>` : html`<ul>${rows}</ul>${codes}`}
<section id="codes" hidden tabindex="-1"><p class="warning">Keep these codes: each lets you in once, and they are not shown again.</p><pre></pre></section>
<button type="button" id="add-totp" class="quiet">Add an authenticator app</button>
<form id="totp" hidden><p>Scan this code with the app, or type in this text: <code id="totp-secret"></code></p><div id="qr-code"></div>
<div class="field"><label for="totp-code">Code shown in the app</label>
<input id="totp-code" name="code" inputmode="numeric" pattern="[0-9]{6}" maxlength="6" autocomplete="one-time-code" required></div>
<button type="submit">Confirm</button></form>
${canUsePasskeys ? html`<button type="button" id="add-passkey" class="quiet">Add a passkey</button>` : undefined}`;
}

function toPassword(email: string): Html {
  return html`<h2>Password</h2>
<form id="password"><input type="hidden" autocomplete="username" value="${email}">
<div class="field"><label for="current">Current password</label>
<input id="current" name="current" type="password" autocomplete="current-password" required></div>
<div class="field"><label for="new">New password</label>
<input id="new" name="password" type="password" autocomplete="new-password" minlength="12" maxlength="200" required></div>
<button type="submit" class="quiet">Change password and end other sessions</button></form>`;
}

function toSessions({ own, session }: View): Html {
  const rows = own.map(({ id, address, userAgent, lastSeenAt }) => {
    const end =
      id === session.id
        ? html`<strong>this one</strong>`
        : html`<button type="button" class="small" data-end="${id}" aria-label="End the session of ${address}">End</button>`;
    return html`<li>${toBrowserName(userAgent)}, ${address}, ${lastSeenAt.slice(0, 16).replace('T', ' ')} UTC ${end}</li>`;
  });
  return html`<h2>Sessions</h2><ul>${rows}</ul>`;
}

/** The user agent is shortened, because it is long and begins the same way for all browsers. */
function toBrowserName(userAgent: string): string {
  const [name] = /(?:Firefox|Edg|OPR|Chrome|Version)\/\d+/.exec(userAgent) ?? [];
  return (
    name?.replace('/', ' ').replace('Edg ', 'Edge ').replace('OPR', 'Opera').replace('Version', 'Safari') ??
    userAgent.slice(0, 60)
  );
}
