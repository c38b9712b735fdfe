import SearchableMap from 'minisearch/SearchableMap';
import type { Pace } from './pacer.ts';

/** Who writes many words that there are not does not mean any. */
const TERMS_MAX = 4;
/** Shorter words are too much like too many others. */
const LENGTH_MIN = 4;
const TYPOS_PER_LETTER = 0.2;
/** Of one word. To look for more takes ever longer: a long word would be compared with nearly all that there are. */
const TYPOS_MAX = 2;
/** What a longer word is worth, and one that is written otherwise, when the difference is next to nothing. */
const LONGER = 0.375;
const MISTYPED = 0.45;

/** For each term of which there is none: those that look like it, and what each is worth beside it. */
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
