import { matchesHostPattern } from '@toolplane/contracts';

/** Hosts of those origins to which a value that is sealed for `sealedFor` may not be sent. */
export function listUncoveredHosts(origins: readonly string[], sealedFor: readonly string[]): string[] {
  const uncovered = origins
    .map((origin) => new URL(origin))
    .filter((url) => !sealedFor.some((pattern) => matchesHostPattern(pattern, url)));
  return [...new Set(uncovered.map(({ host }) => host))].toSorted();
}
