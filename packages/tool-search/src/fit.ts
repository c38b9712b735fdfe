import { GUESSED_IN_QUESTION, rarityOf, shareOf } from './rank.ts';
import type { Query } from './to-query.ts';
import type { ToolDocument } from './tool-document.ts';

/** More unknown words than this say no more: a message that is to be sent has many, and they are not about tools. */
const UNKNOWN_MAX = 3;

/**
 * How much of what is looked for a tool speaks of: 1 if it has all the words, 0 if it has none. Rare words count for
 * more. Unlike the order, it also counts words of which there are none: what nobody speaks of, nobody does.
 */
export function createFit(
  { said, synonyms, lookAlikes }: Query,
  {
    mentioned,
    frequencyOf,
    toolCount,
  }: {
    /** How much of what the question says of toolkits is said of each. */
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
  // Its name says as much as a rare word.
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
