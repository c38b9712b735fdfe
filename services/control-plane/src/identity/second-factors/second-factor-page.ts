import type { Api } from '@toolplane/service-kit/http';
import { type HtmlPage, html, sendPage } from '../../platform/pages/page.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import { csrfTokenOf } from '../sign-in/forgery.ts';
import { readReturnTo, toSignInPath } from '../sign-in/return-to.ts';
import type { Session, Sessions } from '../sign-in/sessions.ts';
import type { SecondFactors } from './second-factors.ts';

type Domains = { secondFactors: SecondFactors; sessions: Sessions };

/** The page after the password. Without a session that waits for a second factor, the person must sign in again. */
export function addSecondFactorPage(api: Api<Principal>, { secondFactors, sessions }: Domains): void {
  api.app.get('/sign-in/second-factor', async (req, res) => {
    const { return_to: asked } = req.query;
    const returnTo = (typeof asked === 'string' ? readReturnTo(asked) : undefined) ?? '/account';
    const session = await sessions.find(req);
    if (session?.state !== 'half') return res.redirect(303, toSignInPath(returnTo));
    const { factors } = await secondFactors.list(session);
    const kinds = new Set(factors.map(({ kind }) => kind));
    sendPage(res, toPage(session, returnTo, kinds));
  });
}

function toPage({ token }: Session, returnTo: string, kinds: ReadonlySet<string>): HtmlPage {
  const passkey = html`<button type="button" id="passkey">Use a passkey</button>`;
  const code = html`<div class="field"><label for="code">Code of your authenticator app</label>
<input id="code" name="code" inputmode="numeric" pattern="[0-9]{6}" maxlength="6" autocomplete="one-time-code" required></div>
<button type="submit">Sign in</button>`;
  return {
    status: 200,
    title: 'Second factor',
    script: 'second-factor.js',
    body: html`<h1>Second factor</h1>
<form id="second-factor" data-csrf="${csrfTokenOf(token)}" data-return-to="${returnTo}">
${kinds.has('passkey') ? passkey : undefined}
${kinds.has('totp') ? code : undefined}
</form>
<details><summary>Use a recovery code</summary>
<form id="recovery"><div class="field"><label for="recovery-code">Recovery code</label>
<input id="recovery-code" name="recoveryCode" autocomplete="off" autocapitalize="none" spellcheck="false" required></div>
<button type="submit">Sign in with a recovery code</button></form></details>
<p id="message" role="alert"></p>`,
  };
}
