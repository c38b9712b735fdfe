const ORIGIN = 'https://here.invalid';

/** A path of this host to go to after signing in; undefined when it leads anywhere else. */
export function readReturnTo(text: string): string | undefined {
  if (!/^\/(?![/\\])[^\\\s]*$/.test(text) || text.length > 2000) return undefined;
  const url = URL.parse(text, ORIGIN);
  if (url?.origin !== ORIGIN) return undefined;
  // Dots are gone from the path by now, and may have hidden a second slash.
  return url.pathname.startsWith('//') ? undefined : `${url.pathname}${url.search}${url.hash}`;
}

/** Where people sign in who are to come back to this path. */
export function toSignInPath(returnTo: string): string {
  return `/sign-in?return_to=${encodeURIComponent(returnTo)}`;
}
