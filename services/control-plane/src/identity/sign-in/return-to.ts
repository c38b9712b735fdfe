const ORIGIN = 'https://here.invalid';
/** The longest path is the one of a connect link. */
const LENGTH_MAX = 4200;

/** A path of this host to open after signing in. Undefined if the text leads anywhere else. */
export function readReturnTo(text: string): string | undefined {
  if (!/^\/(?![/\\])[^\\\s]*$/.test(text) || text.length > LENGTH_MAX) return undefined;
  const url = URL.parse(text, ORIGIN);
  if (url?.origin !== ORIGIN) return undefined;
  // Parsing has removed dot segments, which may have hidden a second slash.
  return url.pathname.startsWith('//') ? undefined : `${url.pathname}${url.search}${url.hash}`;
}

/** The path of the sign-in page, which then returns to the given path. */
export function toSignInPath(returnTo: string): string {
  return `/sign-in?return_to=${encodeURIComponent(returnTo)}`;
}
