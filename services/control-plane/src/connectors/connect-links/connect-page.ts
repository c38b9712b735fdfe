import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { AppError, errorCodes, toAppError } from '@toolplane/contracts';
import type { ClientAddress } from '@toolplane/service-kit';
import type { Api } from '@toolplane/service-kit/http';
import { z } from 'zod';
import { toSignInPath } from '../../identity/sign-in/return-to.ts';
import type { Sessions } from '../../identity/sign-in/sessions.ts';
import { readBrowser, setBrowser } from '../../platform/pages/browser-cookie.ts';
import { type HtmlPage, html, sendPage, toNotice } from '../../platform/pages/page.ts';
import { readPageBody } from '../../platform/pages/page-body.ts';
import { createAddressLimit } from '../../platform/principals/address-limit.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import { toConnectPage } from './connect-html.ts';
import type { ConnectLinks, OpenedLink } from './connect-links.ts';

const PATH = '/connect/:workspaceId/:token';

/** The limit leaves room for a sealed value, and no more. */
const BODY_BYTES_MAX = 140_000;

const placeSchema = z.object({
  workspaceId: z.string().regex(/^[\w-]{1,64}$/),
  token: z.string().regex(/^(?:[\w-]{1,31}~)?[\w-]{1,64}\.[\w-]{1,4000}$/),
});
const bodySchema = z.strictObject({ sealed: z.string().min(1).max(131_072).optional() });

/**
 * The page on which a person connects a user. It needs no key: its rights come from its link, which only a POST uses
 * up, and, if the link is for a person of the platform, from that person's session.
 */
export function addConnectPage(
  api: Api<Principal>,
  {
    connectLinks,
    sessions,
    publicUrl,
    requestsPerMinute,
    addressOf,
  }: {
    connectLinks: ConnectLinks;
    sessions: Pick<Sessions, 'findPerson' | 'refuseOtherSites'>;
    publicUrl: string;
    /**
     * The limit per address. A person opens such a page only a few times, and each time a request is sent to the data
     * plane.
     */
    requestsPerMinute: number;
    addressOf: ClientAddress;
  },
): void {
  const ofAddress = createAddressLimit({ points: requestsPerMinute });
  const isSecure = publicUrl.startsWith('https:');

  async function limit(req: IncomingMessage): Promise<void> {
    if (!(await ofAddress.take(addressOf(req)))) throw new AppError('rate_limited', 'Too many requests; wait a minute');
  }

  async function readLink(req: IncomingMessage & { params: unknown }): Promise<OpenedLink> {
    const { data } = placeSchema.safeParse(req.params);
    if (data === undefined) throw new AppError('not_found', 'The link does not exist or has expired');
    return { ...data, person: await sessions.findPerson(req) };
  }

  api.app.get(PATH, async (req, res) => {
    let isSignedIn = false;
    try {
      await limit(req);
      const link = await readLink(req);
      isSignedIn = link.person !== undefined;
      sendPage(res, toConnectPage(await connectLinks.view(link)));
    } catch (error) {
      const isForPerson = toAppError(error).code === 'unauthenticated' && !isSignedIn;
      if (isForPerson) return res.redirect(303, toSignInPath(req.path));
      sendPage(res, toErrorPage(error));
    }
  });

  api.app.post(PATH, async (req, res) => {
    sessions.refuseOtherSites(req);
    await limit(req);
    const link = await readLink(req);
    const { sealed } = await readPageBody(req, { bytesMax: BODY_BYTES_MAX, schema: bodySchema });
    res.set('cache-control', 'no-store');
    if (sealed !== undefined) {
      await connectLinks.storeFields(link, sealed);
      return void res.json({ connected: true });
    }
    const browser = readBrowser(req, { isSecure }) ?? randomBytes(32).toString('base64url');
    const { authorizationUrl } = await connectLinks.startSignIn(link, browser);
    setBrowser(res, browser, { isSecure });
    res.json({ authorization_url: authorizationUrl });
  });
}

/** The page reveals neither the values that were sent nor the user that the link is for. */
function toErrorPage(thrown: unknown): HtmlPage {
  const { code, message } = toAppError(thrown);
  switch (code) {
    case 'not_found':
      return toNotice(404, 'This link does not work', 'It has expired, or it was not copied completely.', ASK_AGAIN);
    case 'conflict':
      return toNotice(409, 'Not possible with this link', `${message}.`, 'Tell your agent, which can make a new link.');
    case 'forbidden':
      return toWrongPerson();
    case 'rate_limited':
      return toNotice(429, 'Too many requests', 'Wait a minute, then open the link again.');
    default:
      if (errorCodes[code].http !== 503) throw thrown;
      return toNotice(503, 'Not available', 'Part of the platform is not responding. Open the link again in a moment.');
  }
}

/** The page does not say whom the link is for: a person who was sent somebody else's link need not know them. */
function toWrongPerson(): HtmlPage {
  const page = toNotice(403, 'This link is for somebody else', 'You are signed in with another account.');
  return {
    ...page,
    body: html`${page.body}<p>If the link is for you, sign out on <a href="/account">your account page</a>, and open it again.</p>`,
  };
}

const ASK_AGAIN = 'Ask your agent for a new one.';
