import { distance } from 'fastest-levenshtein';

const SUGGESTIONS_MAX = 3;
/** Longer texts are not misspelled names, and comparing them takes long. */
const LENGTH_MAX = 255;

/** Suggests the candidates that differ from the slug in less than half of their characters. */
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
