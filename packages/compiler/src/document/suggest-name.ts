import { distance } from 'fastest-levenshtein';

const LENGTH_MAX = 64;
const COMPARED_MAX = 200;
const LISTED_MAX = 10;

/** Returns a hint for a name that does not exist: the most similar candidate, or a list of candidates. */
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
    const far = editsBetween(name.toLowerCase(), candidate.toLowerCase());
    if (far > distanceMax || (closest !== undefined && far === distanceMax)) continue;
    closest = candidate;
    distanceMax = far;
  }
  return closest;
}

/** Two neighbouring letters in the wrong order count as one mistake, not two. */
function editsBetween(name: string, candidate: string): number {
  const at = [...name].findIndex((letter, index) => letter !== candidate[index]);
  const isSwapped =
    name.length === candidate.length &&
    name[at] === candidate[at + 1] &&
    name[at + 1] === candidate[at] &&
    name.slice(at + 2) === candidate.slice(at + 2);
  return at >= 0 && isSwapped ? 1 : distance(name, candidate);
}
