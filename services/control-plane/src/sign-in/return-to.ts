const ORIGIN = 'https://here.invalid';
/** The longest path is that of a connect link. */
const LENGTH_MAX = 4200;

/** A path of this host to visit after signing in; undefined if it leads anywhere else. */
export function readReturnTo(text: string): string | undefined {
  if (!/^\/(?![/\\])[^\\\s]*$/.test(text) || text.length > LENGTH_MAX) return undefined;
  const url = URL.parse(text, ORIGIN);
  if (url?.origin !== ORIGIN) return undefined;
  // Dot segments are already removed from the path, and may have hidden a second slash.
  return url.pathname.startsWith('//') ? undefined : `${url.pathname}${url.search}${url.hash}`;
}

/** The sign-in page, with a return to this path. */
export function toSignInPath(returnTo: string): string {
  return `/sign-in?return_to=${encodeURIComponent(returnTo)}`;
}
