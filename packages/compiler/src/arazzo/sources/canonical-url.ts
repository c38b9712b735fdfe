/** Where nothing says where a document is, its relative references still agree with each other. */
const NOWHERE = 'http://nowhere.invalid/';

/** Absolute and without its fragment, so that URLs can be compared; one of nowhere is never fetched. */
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
