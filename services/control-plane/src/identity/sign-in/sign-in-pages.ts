import type { Api } from '@toolplane/service-kit/http';
import { type HtmlPage, html, sendPage, toNotice } from '../../platform/pages/page.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import { readReturnTo } from './return-to.ts';
import type { Sessions } from './sessions.ts';

/** The sign-in page, to which other pages redirect. People who are already signed in are redirected back. */
export function addSignInPages(api: Api<Principal>, { sessions, home }: { sessions: Sessions; home: string }): void {
  api.app.get('/sign-in', async (req, res) => {
    const { return_to: asked = home } = req.query;
    const returnTo = typeof asked === 'string' ? readReturnTo(asked) : undefined;
    if (returnTo === undefined) return sendPage(res, toElsewhere());
    const session = await sessions.find(req);
    if (session?.state === 'open') return res.redirect(303, returnTo);
    sendPage(res, toSignInPage(returnTo));
  });
}

function toElsewhere(): HtmlPage {
  return toNotice(
    400,
    'Not a page of this host',
    'The link that brought you here would send you elsewhere after signing in.',
  );
}

function toSignInPage(returnTo: string): HtmlPage {
  return {
    status: 200,
    title: 'Sign in',
    script: 'sign-in.js',
    body: html`<h1>Sign in</h1>
<form id="sign-in" data-return-to="${returnTo}">
<div class="field"><label for="email">E-mail address</label>
<input id="email" name="email" type="email" autocomplete="username" autocapitalize="none" spellcheck="false" required></div>
<div class="field"><label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required></div>
<button type="submit">Sign in</button>
<button type="button" id="sso" class="quiet" hidden></button>
</form>
<p id="message" role="alert"></p>`,
  };
}
