import { distance } from 'fastest-levenshtein';

const SUGGESTIONS_MAX = 3;
/** Longer ones are not misspelled names, and comparing them takes long. */
const LENGTH_MAX = 255;

/** Suggestions: slugs of which more than half is as it was written. */
export function nearestSlugs(slug: string, candidates: readonly string[]): string[] {
  if (slug.length > LENGTH_MAX) return [];
  return candidates
    .filter(({ length }) => length <= LENGTH_MAX)
    .map((candidate) => ({ candidate, far: distance(slug.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, far }) => far < Math.max(slug.length, candidate.length) / 2)
    .sort((a, b) => a.far - b.far || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, SUGGESTIONS_MAX)
    .map(({ candidate }) => candidate);
}
