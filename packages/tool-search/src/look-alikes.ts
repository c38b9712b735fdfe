import SearchableMap from 'minisearch/SearchableMap';
import type { Pace } from './pacer.ts';

/**
 * The maximum number of unknown words that are looked up: a text with more of them hardly means any as the word of a
 * tool.
 */
const TERMS_MAX = 4;
/** Shorter words are too similar to too many others. */
const LENGTH_MIN = 4;
const TYPOS_PER_LETTER = 0.2;
/**
 * The limit for one word. Searching for more typos takes ever longer: a long word would be compared with nearly all
 * known words.
 */
const TYPOS_MAX = 2;
/** The weights of a longer word and of a misspelled one if the difference is minimal. */
const LONGER = 0.375;
const MISTYPED = 0.45;

/**
 * Returns, for each unknown term, the known terms that resemble it, with the weight of each relative to an exact match.
 */
export type FindLookAlikes = (terms: readonly string[]) => ReadonlyMap<string, ReadonlyMap<string, number>>;

export async function createLookAlikes(terms: Iterable<string>, pace: Pace): Promise<FindLookAlikes> {
  const known = new SearchableMap<true>();
  for (const term of terms) {
    known.set(term, true);
    await pace();
  }
  return (said) => {
    const unknown = said.filter((term) => term.length >= LENGTH_MIN && !known.has(term));
    return new Map(unknown.slice(0, TERMS_MAX).map((term) => [term, findLike(term, known)]));
  };
}

function findLike(said: string, known: SearchableMap<true>): ReadonlyMap<string, number> {
  const worths = new Map<string, number>();
  const typosMax = Math.min(TYPOS_MAX, Math.round(said.length * TYPOS_PER_LETTER));
  for (const [term, [, typos]] of known.fuzzyGet(said, typosMax)) {
    worths.set(term, (MISTYPED * term.length) / (term.length + typos));
  }
  for (const term of known.atPrefix(said).keys()) {
    worths.set(term, (LONGER * term.length) / (term.length + 0.3 * (term.length - said.length)));
  }
  return worths;
}
