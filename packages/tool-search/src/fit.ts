import { GUESSED_IN_QUESTION, rarityOf, shareOf } from './rank.ts';
import type { Query } from './to-query.ts';
import type { ToolDocument } from './tool-document.ts';

/**
 * How much of what is looked for a tool speaks of: 1 if it has all the words, 0 if it has none. Rare words count for
 * more. Unlike the order, it also counts words of which there are none: what nobody speaks of, nobody does.
 */
export function createFit(
  { said, synonyms, lookAlikes }: Query,
  { frequencyOf, toolCount }: { frequencyOf: (term: string) => number; toolCount: number },
): (document: ToolDocument) => number {
  const wanted = said.map((term) => ({ term, weight: rarityOf(Math.max(frequencyOf(term), 1 / toolCount)) }));
  return ({ terms, nameTerms }) =>
    shareOf(wanted, ({ term }) => {
      if (terms.has(term)) return 1;
      const isGuessed = (synonyms.get(term) ?? []).some((other) => nameTerms.has(other));
      const alike = [...(lookAlikes.get(term) ?? [])].filter(([other]) => terms.has(other));
      return Math.max(isGuessed ? GUESSED_IN_QUESTION : 0, ...alike.map(([, worth]) => worth));
    });
}
