import { AppError, errorCodes, toAppError } from '@toolplane/contracts';
import type { Api } from '@toolplane/service-kit/http';
import { z } from 'zod';
import { csrfTokenOf } from '../identity/sign-in/forgery.ts';
import { toSignInPath } from '../identity/sign-in/return-to.ts';
import type { Sessions } from '../identity/sign-in/sessions.ts';
import { type HtmlPage, html, sendPage, toNotice } from '../platform/pages/page.ts';
import { readPageBody } from '../platform/pages/page-body.ts';
import type { Principal } from '../platform/principals/principal.ts';
import { toConsentPage } from './consent-html.ts';
import type { Consents } from './consents.ts';

const PATH = '/oauth/interactions';
export const interactionPath = (uid: string) => `${PATH}/${uid}`;

const BODY_BYTES_MAX = 1000;
const bodySchema = z.strictObject({ agrees: z.boolean(), onlyReads: z.boolean().default(false) });

/**
 * The page on which a person consents to a client's use of a server. The pending sign-in contains the request; the URL
 * does not.
 */
export function addConsentPage(
  api: Api<Principal>,
  { consents, sessions }: { consents: Consents; sessions: Sessions },
): void {
  api.app.get(`${PATH}/:uid`, async (req, res) => {
    try {
      const uid = readUid(req);
      const session = await sessions.find(req);
      if (session?.state !== 'open') return void res.redirect(303, toSignInPath(interactionPath(uid)));
      const view = await consents.view({ req, res, uid }, session.person);
      sendPage(res, toConsentPage(view, csrfTokenOf(session.token)));
    } catch (error) {
      sendPage(res, toErrorPage(error));
    }
  });

  api.app.post(`${PATH}/:uid`, async (req, res) => {
    const { person } = await sessions.admit(req);
    const decision = await readPageBody(req, { bytesMax: BODY_BYTES_MAX, schema: bodySchema });
    const redirectTo = await consents.decide({ req, res, uid: readUid(req) }, person, decision);
    res.set('cache-control', 'no-store').json({ success: true, message: 'Decided', data: { redirectTo } });
  });
}

function readUid({ params }: { params: unknown }): string {
  const { data } = z.object({ uid: z.string().regex(/^[\w-]{1,64}$/) }).safeParse(params);
  if (data === undefined) throw new AppError('not_found', 'There is no pending request for consent');
  return data.uid;
}

function toErrorPage(thrown: unknown): HtmlPage {
  const { code } = toAppError(thrown);
  switch (code) {
    case 'not_found':
      return toNotice(
        404,
        'This request has ended',
        'It has expired, or it was started in another browser.',
        START_AGAIN,
      );
    case 'forbidden':
      return toNoMember();
    default:
      if (errorCodes[code].http !== 503) throw thrown;
      return toNotice(503, 'Not available', 'Part of the platform is not responding. Reload this page in a moment.');
  }
}

/** Suggests another account, because the person may be signed in with the wrong one of their accounts. */
function toNoMember(): HtmlPage {
  const page = toNotice(
    403,
    'You cannot use this server',
    'This account is not a member of its workspace.',
    ASK_MEMBER,
  );
  return {
    ...page,
    body: html`${page.body}<p>Or sign out on <a href="/account">your account page</a>, and start again.</p>`,
  };
}

const START_AGAIN = 'Return to the program that you want to connect, and start again.';
const ASK_MEMBER = 'Ask an administrator of the workspace to invite you.';
