import type { IncomingMessage } from 'node:http';

const VALUE = /^[\w-]{43}$/;

/** A cookie of 32 random bytes that is sent only to this host and that no script can read. */
export type Cookie = {
  /** Also returns undefined for a value that this control plane cannot have set. */
  read(req: Pick<IncomingMessage, 'headers'>): string | undefined;
  /** The header that sets the cookie in a browser. */
  set(value: string): string;
  clear(): string;
};

/** With https, the name has a prefix that no sibling host can use. A cookie without the prefix is not read. */
export function createCookie(options: { name: string; maxAgeSeconds: number; isSecure: boolean }): Cookie {
  const { maxAgeSeconds, isSecure } = options;
  const name = isSecure ? `__Host-${options.name}` : options.name;
  const rest = `HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;
  return {
    read({ headers: { cookie = '' } }) {
      for (const part of cookie.split(';')) {
        const [found, value = ''] = part.trim().split('=');
        if (found === name && VALUE.test(value)) return value;
      }
      return undefined;
    },
    set: (value) => `${name}=${value}; Path=/; Max-Age=${maxAgeSeconds}; ${rest}`,
    clear: () => `${name}=; Path=/; Max-Age=0; ${rest}`,
  };
}
