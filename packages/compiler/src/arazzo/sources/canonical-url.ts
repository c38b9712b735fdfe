/** The base URL of documents whose location is unknown. With it, their relative references still match each other. */
const NOWHERE = 'http://nowhere.invalid/';

/**
 * Returns an absolute URL without its fragment, so that URLs can be compared. A URL based on `NOWHERE` is never
 * fetched.
 */
export function canonicalUrl(url: string, base = ''): string {
  const resolved = URL.parse(url, URL.parse(base, NOWHERE)?.href ?? NOWHERE);
  if (resolved === null) return url;
  resolved.hash = '';
  return resolved.href;
}

export function isFetchable(url: string): boolean {
  return url.startsWith('https://') && URL.canParse(url);
}

export function isKnownUrl(url: string): boolean {
  return /^https?:\/\//.test(url) && !url.startsWith(NOWHERE);
}
