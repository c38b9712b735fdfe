import { AppError, errorCodes } from '@toolplane/contracts';
import type { Api } from '@toolplane/service-kit/http';
import { z } from 'zod';
import { type HtmlPage, sendPage, toNotice } from '../../platform/pages/page.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import { readReturnTo } from '../sign-in/return-to.ts';
import type { Sessions } from '../sign-in/sessions.ts';
import { createSignOnCookie } from './routes.ts';
import { type SingleSignOn, SSO_CALLBACK_PATH } from './single-sign-on.ts';

/** The parameters of RFC 6749, section 4.1.2, and RFC 9207. Additional parameters of an issuer are ignored. */
const returnSchema = z.looseObject({
  state: z.string().regex(/^[\w-]{43}$/),
  code: z.string().min(1).max(4096).optional(),
  iss: z.string().max(2000).optional(),
  error: z.string().max(200).optional(),
});

/**
 * Adds the page to which a browser returns. The `state` parameter grants access, and works only in the browser in which
 * it was issued.
 */
export function addSignOnCallback(
  api: Api<Principal>,
  { singleSignOn, sessions, publicUrl }: { singleSignOn: SingleSignOn; sessions: Sessions; publicUrl: string },
): void {
  const cookie = createSignOnCookie(publicUrl);
  api.app.get(SSO_CALLBACK_PATH, async (req, res) => {
    const returned = returnSchema.safeParse(req.query);
    const browser = cookie.read(req);
    if (!returned.success || browser === undefined) return sendPage(res, toUnknown());
    const { state, code, iss, error } = returned.data;
    try {
      if (code === undefined || error !== undefined) {
        await singleSignOn.giveUp(state, { browser, address: sessions.originOf(req).address });
        const why = 'The identity provider refused the sign-in.';
        return sendPage(res, toNotice(400, 'Not signed in', why, WHERE_TO_LOOK));
      }
      const by = { browser, origin: sessions.originOf(req), before: await sessions.find(req) };
      const { returnTo, setCookie } = await singleSignOn.finish({ state, code, iss }, by);
      res.setHeader('set-cookie', [setCookie, cookie.clear()]);
      res.setHeader('cache-control', 'no-store');
      res.redirect(303, readReturnTo(returnTo) ?? '/account');
    } catch (thrown) {
      sendPage(res, toPage(thrown));
    }
  });
}

function toUnknown(): HtmlPage {
  const why = 'This sign-in was not started in this browser, has expired, or is already complete.';
  return toNotice(400, 'Not signed in', why, 'Please start it again.');
}

/** Shows nothing that an issuer sent. */
function toPage(error: unknown): HtmlPage {
  if (!(error instanceof AppError) || error.code === 'internal') throw error;
  if (error.code === 'not_found') return toUnknown();
  if (error.code === 'forbidden') return toNotice(403, 'Not signed in', `${error.message}.`);
  if (error.code === 'credentials_refused' || error.code === 'invalid_request') {
    const why = 'The response does not belong to this sign-in. Please start it again.';
    return toNotice(400, 'Not signed in', why, WHERE_TO_LOOK);
  }
  if (errorCodes[error.code].http === 503) {
    return toNotice(503, 'Not signed in', 'Part of the platform is not responding. Please start again.');
  }
  const why = 'The issuer did not complete the sign-in. Please start it again.';
  return toNotice(502, 'Not signed in', why, WHERE_TO_LOOK);
}

const WHERE_TO_LOOK =
  'If it happens again, an administrator of your organization can find the reason in its audit log.';
