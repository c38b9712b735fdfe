import { GUESSED_IN_QUESTION, rarityOf, shareOf } from './rank.ts';
import type { SearchQuery } from './to-query.ts';
import type { ToolDocument } from './tool-document.ts';

/**
 * More unknown words than this mean nothing more: a message that is to be sent contains many, and they are not about
 * tools.
 */
const UNKNOWN_MAX = 3;

/**
 * How much of the question a tool covers: 1 if it has all the words, 0 if it has none. Rare words count for more. In
 * contrast to the ranking, words that no tool contains also count: what no tool describes, no tool does.
 */
export function createFit(
  { said, synonyms, lookAlikes }: SearchQuery,
  {
    mentioned,
    frequencyOf,
    toolCount,
  }: {
    /** For each named toolkit: how many of its names are in the question, relative to the toolkit with the most. */
    mentioned: ReadonlyMap<string, number>;
    frequencyOf: (term: string) => number;
    toolCount: number;
  },
): (document: ToolDocument) => number {
  const rarest = rarityOf(1 / toolCount);
  const unknownCount = said.filter((term) => frequencyOf(term) === 0).length;
  const unknownWeight = rarest * Math.min(1, UNKNOWN_MAX / unknownCount);
  const words = said.map((term) => {
    const frequency = frequencyOf(term);
    return { term, weight: frequency === 0 ? unknownWeight : rarityOf(frequency) };
  });
  // A match of the toolkit's name counts as much as a rare word.
  const wanted = mentioned.size === 0 ? words : [...words, { term: undefined, weight: rarest }];
  return ({ terms, nameTerms, toolkitSlug }) =>
    shareOf(wanted, ({ term }) => {
      if (term === undefined) return mentioned.get(toolkitSlug) ?? 0;
      if (terms.has(term)) return 1;
      const isGuessed = (synonyms.get(term) ?? []).some((other) => nameTerms.has(other));
      const alike = [...(lookAlikes.get(term) ?? [])].filter(([other]) => terms.has(other));
      return Math.max(isGuessed ? GUESSED_IN_QUESTION : 0, ...alike.map(([, worth]) => worth));
    });
}
