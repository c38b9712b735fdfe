import { distance } from 'fastest-levenshtein';

const SUGGESTIONS_MAX = 3;

/** What was probably meant: more than half of a slug is as it was written. */
export function nearestSlugs(slug: string, candidates: readonly string[]): string[] {
  return candidates
    .map((candidate) => ({ candidate, far: distance(slug.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, far }) => far < Math.max(slug.length, candidate.length) / 2)
    .sort((a, b) => a.far - b.far || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, SUGGESTIONS_MAX)
    .map(({ candidate }) => candidate);
}
