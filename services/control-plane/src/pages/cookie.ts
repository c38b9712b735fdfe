import type { IncomingMessage } from 'node:http';

const VALUE = /^[\w-]{43}$/;

/** A cookie of 32 random bytes that only this host is sent and no script reads. */
export type Cookie = {
  /** Undefined also for what cannot be one of ours. */
  read(req: Pick<IncomingMessage, 'headers'>): string | undefined;
  /** The header that gives it to a browser. */
  set(value: string): string;
  clear(): string;
};

/** By https no host beside can set the cookie, and none that it could have set is read. */
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
