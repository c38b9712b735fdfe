import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { AppError, errorCodes, toAppError } from '@toolplane/contracts';
import type { ClientAddress } from '@toolplane/service-kit';
import type { Api } from '@toolplane/service-kit/http';
import { z } from 'zod';
import { createAddressLimit } from '../access/address-limit.ts';
import type { Principal } from '../access/principal.ts';
import { readBrowser, setBrowser } from '../pages/browser-cookie.ts';
import { type Page, sendPage, toNotice } from '../pages/page.ts';
import { readPageBody } from '../pages/page-body.ts';
import { toConnectPage } from './connect-html.ts';
import type { ConnectLinks } from './connect-links.ts';

const PATH = '/connect/:workspaceId/:token';

/** Room for a sealed value, and no more. */
const BODY_BYTES_MAX = 140_000;

const placeSchema = z.object({
  workspaceId: z.string().regex(/^[\w-]{1,64}$/),
  token: z.string().regex(/^(?:[\w-]{1,31}~)?[\w-]{1,64}\.[\w-]{1,4000}$/),
});
const bodySchema = z.strictObject({ sealed: z.string().min(1).max(131_072).optional() });

/** The page on which a person connects a user. It has no key: its rights are in its link, which only a POST uses up. */
export function addConnectPage(
  api: Api<Principal>,
  {
    connectLinks,
    publicUrl,
    requestsPerMinute,
    addressOf,
  }: {
    connectLinks: ConnectLinks;
    publicUrl: string;
    /** Limit per address. A person opens a page a few times; each time, the data plane is asked. */
    requestsPerMinute: number;
    addressOf: ClientAddress;
  },
): void {
  const ofAddress = createAddressLimit({ points: requestsPerMinute });
  const isSecure = publicUrl.startsWith('https:');

  async function limit(req: IncomingMessage): Promise<void> {
    if (!(await ofAddress.take(addressOf(req)))) throw new AppError('rate_limited', 'Too many requests; wait a minute');
  }

  api.app.get(PATH, async (req, res) => {
    const page = await limit(req)
      .then(async () => {
        const { workspaceId, token } = readPlace(req.params);
        return toConnectPage(await connectLinks.view(workspaceId, token));
      })
      .catch(toErrorPage);
    sendPage(res, page);
  });

  api.app.post(PATH, async (req, res) => {
    refuseOtherSites(req);
    await limit(req);
    const { workspaceId, token } = readPlace(req.params);
    const { sealed } = await readPageBody(req, { bytesMax: BODY_BYTES_MAX, schema: bodySchema });
    res.set('cache-control', 'no-store');
    if (sealed !== undefined) {
      await connectLinks.storeFields(workspaceId, token, sealed);
      return void res.json({ connected: true });
    }
    const browser = readBrowser(req, { isSecure }) ?? randomBytes(32).toString('base64url');
    const { authorizationUrl } = await connectLinks.startSignIn(workspaceId, token, browser);
    setBrowser(res, browser, { isSecure });
    res.json({ authorization_url: authorizationUrl });
  });
}

function readPlace(params: unknown): z.infer<typeof placeSchema> {
  const { data } = placeSchema.safeParse(params);
  if (data === undefined) throw new AppError('not_found', 'The link does not exist or has expired');
  return data;
}

/**
 * Browsers say where a request comes from, and send JSON across sites only if the server allows it, which it does not.
 */
function refuseOtherSites({ headers }: IncomingMessage): void {
  const { 'sec-fetch-site': site = 'same-origin', 'content-type': type = '' } = headers;
  if (site !== 'same-origin') throw new AppError('forbidden', 'Only the page itself may send this');
  if (!/^application\/json\b/i.test(type)) throw new AppError('unsupported_media_type', 'The body must be JSON');
}

/** Shows nothing of what was sent, or of whom it was for. */
function toErrorPage(thrown: unknown): Page {
  const { code } = toAppError(thrown);
  switch (code) {
    case 'not_found':
      return toNotice(404, 'This link does not work', 'It has expired, or it was not copied completely.', ASK_AGAIN);
    case 'conflict':
      return toNotice(409, 'This link has already been used', 'Each link works only once.', ASK_AGAIN);
    case 'rate_limited':
      return toNotice(429, 'Too many requests', 'Wait a minute, then open the link again.');
    default:
      if (errorCodes[code].http !== 503) throw thrown;
      return toNotice(503, 'Not available', 'Part of the platform is not responding. Open the link again in a moment.');
  }
}

const ASK_AGAIN = 'Ask your agent for a new one.';
