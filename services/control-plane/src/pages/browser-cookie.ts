import type { IncomingMessage, ServerResponse } from 'node:http';

/** Tells one browser from others for as long as somebody may be away to sign in. */
const NAME = 'toolplane-browser';
const MAX_AGE_SECONDS = 15 * 60;
const VALUE = /^[\w-]{43}$/;

/** Only the browser and whoever it talks to here know it; what is kept of it is a hash. */
export function readBrowser({ headers: { cookie = '' } }: IncomingMessage): string | undefined {
  for (const part of cookie.split(';')) {
    const [name, value = ''] = part.trim().split('=');
    if ((name === NAME || name === `__Host-${NAME}`) && VALUE.test(value)) return value;
  }
  return undefined;
}

/** `isSecure`: the pages are reached by https, and no host beside can set the cookie. */
export function setBrowser(response: ServerResponse, browser: string, { isSecure }: { isSecure: boolean }): void {
  const name = isSecure ? `__Host-${NAME}` : NAME;
  const rest = `Path=/; Max-Age=${MAX_AGE_SECONDS}; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;
  response.setHeader('set-cookie', `${name}=${browser}; ${rest}`);
}
