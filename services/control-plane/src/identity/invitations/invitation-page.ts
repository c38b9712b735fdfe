import { toAppError } from '@toolplane/contracts';
import type { Api } from '@toolplane/service-kit/http';
import { type Html, type HtmlPage, html, sendPage, toNotice } from '../../platform/pages/page.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import { csrfTokenOf } from '../sign-in/forgery.ts';
import { toSignInPath } from '../sign-in/return-to.ts';
import type { Session, Sessions } from '../sign-in/sessions.ts';
import type { Invitations, OpenInvitation } from './invitations.ts';

/** `home` is the first page that a new member sees. */
type Parts = { invitations: Invitations; sessions: Sessions; home: string };

/** The page on which somebody becomes a member. Opening it changes nothing: programs open links before people do. */
export function addInvitationPage(api: Api<Principal>, { invitations, sessions, home }: Parts): void {
  api.app.get('/invitations/:token', async (req, res) => {
    const { token } = req.params;
    const page = await Promise.all([invitations.view(token), sessions.find(req)])
      .then(([invitation, session]) => toInvitationPage(invitation, { token, home }, session))
      .catch(toErrorPage);
    sendPage(res, page);
  });
}

type Accepting = { token: string; home: string };

function toInvitationPage(invitation: OpenInvitation, accepting: Accepting, session: Session | undefined): HtmlPage {
  const { organizationName, workspaceName, role, email, expiresAt } = invitation;
  return {
    status: 200,
    title: `Join ${organizationName}`,
    script: 'invitation.js',
    body: html`<h1>Join ${organizationName}</h1>
<dl>
<div><dt>Organization</dt><dd>${organizationName}</dd></div>
${workspaceName === null ? undefined : html`<div><dt>Workspace</dt><dd>${workspaceName}</dd></div>`}
<div><dt>As</dt><dd>${role}</dd></div>
<div><dt>Good until</dt><dd><time datetime="${expiresAt}">${expiresAt.slice(0, 10)}</time>, once</dd></div>
</dl>
${session?.state === 'open' ? toMemberForm(accepting, session) : toNewcomerForm(accepting, email)}
<p id="message" role="alert"></p>`,
  };
}

function toMemberForm({ token, home }: Accepting, { person, token: sessionToken }: Session): Html {
  return html`<form id="accept" data-way="session" data-token="${token}" data-home="${home}" data-csrf="${csrfTokenOf(sessionToken)}">
<p>You are signed in as <strong>${person.email}</strong>.</p>
<button type="submit">Join</button>
</form>`;
}

function toNewcomerForm({ token, home }: Accepting, email: string | null): Html {
  const given = email === null ? undefined : html` value="${email}" readonly`;
  return html`<form id="accept" data-way="newcomer" data-token="${token}" data-home="${home}">
<p>Create an account, or <a href="${toSignInPath(`/invitations/${token}`)}">sign in</a> if you have one.</p>
<div class="field"><label for="name">Your name</label>
<input id="name" name="name" autocomplete="name" maxlength="100" required></div>
<div class="field"><label for="email">E-mail address</label>
<input id="email" name="email" type="email" autocomplete="username" autocapitalize="none" spellcheck="false"${given} required></div>
<div class="field"><label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="new-password" minlength="12" maxlength="200" aria-describedby="password-hint" required>
<p class="hint" id="password-hint">12 characters or more.</p></div>
<button type="submit">Create the account and join</button>
</form>`;
}

function toErrorPage(thrown: unknown): HtmlPage {
  const { code } = toAppError(thrown);
  if (code !== 'not_found') throw thrown;
  const why = 'It has expired, was used or withdrawn, or was not copied completely.';
  return toNotice(404, 'This link does not work', why, 'Ask the person who invited you for a new link.');
}
