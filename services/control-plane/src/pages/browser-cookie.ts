import type { IncomingMessage, ServerResponse } from 'node:http';

/** Tells one browser from others for as long as somebody may be away to sign in. */
const NAME = 'toolplane-browser';
const MAX_AGE_SECONDS = 15 * 60;
const VALUE = /^[\w-]{43}$/;

/** How the pages are reached: by https no host beside can set the cookie, and none that it could have set is read. */
type Reached = { isSecure: boolean };

/** Only the browser and whoever it talks to here know it; what is kept of it is a hash. */
export function readBrowser({ headers: { cookie = '' } }: IncomingMessage, reached: Reached): string | undefined {
  for (const part of cookie.split(';')) {
    const [name, value = ''] = part.trim().split('=');
    if (name === nameOf(reached) && VALUE.test(value)) return value;
  }
  return undefined;
}

export function setBrowser(response: ServerResponse, browser: string, reached: Reached): void {
  const rest = `Path=/; Max-Age=${MAX_AGE_SECONDS}; HttpOnly; SameSite=Lax${reached.isSecure ? '; Secure' : ''}`;
  response.setHeader('set-cookie', `${nameOf(reached)}=${browser}; ${rest}`);
}

function nameOf({ isSecure }: Reached): string {
  return isSecure ? `__Host-${NAME}` : NAME;
}
