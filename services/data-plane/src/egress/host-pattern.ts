import { matchesHostPattern, portOf } from '@toolplane/contracts';

/**
 * The hosts of a value that is never sent anywhere, such as a placeholder. The array is recognised by identity, so no
 * list that is read from elsewhere can equal it.
 */
export const EVERY_HOST: string[] = [];

export function matchesHost(patterns: readonly string[], url: URL): boolean {
  return patterns === EVERY_HOST || patterns.some((pattern) => matchesHostPattern(pattern, url));
}

/**
 * Does the same as `matchesHost` for a list that may be long and is checked for each request. A name with the trailing
 * dot of the root equals the name without the dot: otherwise the dot would bypass a list of denied hosts.
 */
export function createHostList(patterns: readonly string[]): (url: URL) => boolean {
  if (patterns.length === 0) return () => false;
  const known = new Set(patterns.map((pattern) => pattern.replace(/:0+(?=\d)/, ':')));
  return (url) => {
    const host = url.hostname.replace(/\.+$/, '');
    const suffix = `:${portOf(url)}`;
    const isKnown = (pattern: string) => known.has(pattern) || known.has(pattern + suffix);
    if (isKnown(host)) return true;
    for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
      if (isKnown(`*${host.slice(dot)}`)) return true;
    }
    return false;
  };
}
