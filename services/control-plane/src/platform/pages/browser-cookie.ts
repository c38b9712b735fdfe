import type { IncomingMessage, ServerResponse } from 'node:http';
import { createCookie } from './cookie.ts';

/** Identifies one browser for the time that somebody may need to sign in elsewhere. */
const ABOUT = { name: 'toolplane-browser', maxAgeSeconds: 15 * 60 };

/** How browsers reach the pages: with https or without. */
type Reached = { isSecure: boolean };

/** Only the browser and the current request know the value. What is stored is a hash. */
export function readBrowser(req: IncomingMessage, { isSecure }: Reached): string | undefined {
  return createCookie({ ...ABOUT, isSecure }).read(req);
}

export function setBrowser(response: ServerResponse, browser: string, { isSecure }: Reached): void {
  response.setHeader('set-cookie', createCookie({ ...ABOUT, isSecure }).set(browser));
}
