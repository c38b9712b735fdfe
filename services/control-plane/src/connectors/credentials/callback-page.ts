import { AppError, errorCodes } from '@toolplane/contracts';
import type { Api } from '@toolplane/service-kit/http';
import { z } from 'zod';
import type { Sessions } from '../../identity/sign-in/sessions.ts';
import { readBrowser } from '../../platform/pages/browser-cookie.ts';
import { type HtmlPage, sendPage, toNotice } from '../../platform/pages/page.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import { CALLBACK_PATH } from '../../platform/sign-in-state.ts';
import type { ExternalSignIns } from '../../servers/external-servers/sign-ins.ts';
import type { Authorizations, ReturningBrowser } from './authorizations.ts';

/** The parameters of RFC 6749, 4.1.2. Additional parameters of a provider are ignored. */
const returnSchema = z.looseObject({
  state: z.string().regex(/^[\w-]{43}$/),
  code: z.string().min(1).max(4096).optional(),
  error: z.string().max(200).optional(),
  /** The issuer (RFC 9207). */
  iss: z.string().max(2048).optional(),
});

/** The kinds of sign-ins that return to this page. */
type Begun = {
  authorizations: Pick<Authorizations, 'finish' | 'giveUp'>;
  externalSignIns: Pick<ExternalSignIns, 'has' | 'finish' | 'giveUp'>;
};

/** The page to which a browser returns after a sign-in. It needs no key: its rights come from its state. */
export function addCallbackPage(
  api: Api<Principal>,
  { publicUrl, sessions, ...begun }: Begun & { publicUrl: string; sessions: Pick<Sessions, 'findPerson'> },
): void {
  const isSecure = publicUrl.startsWith('https:');
  api.app.get(CALLBACK_PATH, async (req, res) => {
    const from = { cookie: readBrowser(req, { isSecure }), person: await sessions.findPerson(req) };
    sendPage(res, await answer(begun, req.query, from));
  });
}

async function answer(
  { authorizations, externalSignIns }: Begun,
  query: unknown,
  from: ReturningBrowser,
): Promise<HtmlPage> {
  const returned = returnSchema.safeParse(query);
  if (!returned.success) return toNotice(400, 'Nothing to do here', 'No sign-in leads to this address.');
  const { state, code, iss } = returned.data;
  try {
    const isExternal = await externalSignIns.has(state);
    if (code === undefined || returned.data.error !== undefined) {
      await (isExternal ? externalSignIns : authorizations).giveUp(state);
      return toNotice(400, 'Not connected', 'The sign-in was refused. Nothing was connected.');
    }
    if (isExternal) await externalSignIns.finish(state, code, iss);
    else await authorizations.finish(state, code, from);
    return toNotice(200, 'Connected', 'Connected. You can close this page.');
  } catch (error) {
    return toPage(error);
  }
}

/** The page shows no text from a provider. */
function toPage(error: unknown): HtmlPage {
  if (!(error instanceof AppError)) throw error;
  if (error.code === 'not_found') {
    return toNotice(404, 'Not connected', 'This sign-in has expired or is already complete. Please start it again.');
  }
  if (error.code === 'conflict') {
    const why = 'The link has already been used, or the account is already connected and the link may not replace it.';
    return toNotice(409, 'Not connected', why, 'Ask your agent for a new link.');
  }
  if (error.code === 'quota_exceeded') {
    const why = 'Nothing was connected, because your organization has no room for another user.';
    return toNotice(409, 'Not connected', why, 'Tell its administrator.');
  }
  if (error.code === 'unauthenticated') {
    const why = 'Your session on this platform has ended, so nothing was connected. Open the link again.';
    return toNotice(401, 'Not connected', why);
  }
  if (error.code === 'forbidden') {
    const why = 'This sign-in was started in another browser or by another person, so nothing was connected.';
    return toNotice(403, 'Not connected', why, 'If somebody sent you here, do not continue.');
  }
  if (errorCodes[error.code].http === 503) {
    const why = 'Nothing was connected, because part of the platform is not responding. Please start again.';
    return toNotice(503, 'Not connected', why);
  }
  if (error.code === 'internal') throw error;
  const why = 'The provider did not complete the sign-in. Nothing was connected. Please start it again.';
  return toNotice(502, 'Not connected', why);
}
