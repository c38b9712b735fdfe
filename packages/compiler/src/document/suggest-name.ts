import { distance } from 'fastest-levenshtein';

const LENGTH_MAX = 64;
const COMPARED_MAX = 200;
const LISTED_MAX = 10;

/** Hint for a name that does not exist: the candidate nearest to it, or what there is. */
export function suggestName(name: string, candidates: readonly string[], otherwise: string): () => string {
  return () => {
    const closest = closestName(name, candidates.slice(0, COMPARED_MAX));
    if (closest !== undefined) return `Did you mean "${closest}"?`;
    const more = candidates.length > LISTED_MAX ? ', …' : '';
    return `${otherwise}: ${candidates.slice(0, LISTED_MAX).join(', ') || 'none'}${more}.`;
  };
}

export function closestName(
  name: string,
  candidates: readonly string[],
  farthest = Math.ceil(name.length / 3),
): string | undefined {
  if (name.length > LENGTH_MAX) return undefined;
  let closest: string | undefined;
  let distanceMax = farthest;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) > distanceMax) continue;
    const far = distance(name.toLowerCase(), candidate.toLowerCase());
    if (far > distanceMax || (closest !== undefined && far === distanceMax)) continue;
    closest = candidate;
    distanceMax = far;
  }
  return closest;
}
