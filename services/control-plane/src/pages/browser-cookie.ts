import type { IncomingMessage, ServerResponse } from 'node:http';
import { createCookie } from './cookie.ts';

/** Identifies one browser for as long as somebody may be away to sign in. */
const ABOUT = { name: 'toolplane-browser', maxAgeSeconds: 15 * 60 };

/** How the pages are reached. */
type Reached = { isSecure: boolean };

/** Only the browser and the current request know the value; what is stored is a hash. */
export function readBrowser(req: IncomingMessage, { isSecure }: Reached): string | undefined {
  return createCookie({ ...ABOUT, isSecure }).read(req);
}

export function setBrowser(response: ServerResponse, browser: string, { isSecure }: Reached): void {
  response.setHeader('set-cookie', createCookie({ ...ABOUT, isSecure }).set(browser));
}
