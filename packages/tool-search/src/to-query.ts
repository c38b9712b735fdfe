import type { FindLookAlikes } from './look-alikes.ts';
import { stopWords } from './stop-words.ts';
import { foldPhrases, synonymsOf } from './synonyms.ts';
import { stemOf, toWords } from './to-terms.ts';
import { type Effect, wantedEffects } from './wanted-effects.ts';

/** What the search looks for. */
export type SearchQuery = {
  /** The terms of the question, without duplicates. */
  said: readonly string[];
  /** For each term of the question, the terms that may replace it. */
  synonyms: ReadonlyMap<string, readonly string[]>;
  /**
   * All terms that are not in the question but may be meant, with the weight of each relative to the terms that are.
   */
  guesses: ReadonlyMap<string, number>;
  /** For each unknown term, the known terms that resemble it, with their weights. */
  lookAlikes: ReadonlyMap<string, ReadonlyMap<string, number>>;
  wants: ReadonlySet<Effect> | undefined;
};

const SYNONYM = 0.5;
const READING = 0.4;

/** The first words in the names of tools that answer questions. */
const readingTerms = ['get', 'list', 'search'].map(stemOf);

/**
 * Names of toolkits are removed from the question, because they say where to search, not for what. `mentioned` has, for
 * each toolkit, how many of its names are in the question, relative to the toolkit with the most: the toolkits of two
 * accounts at one service both have its name, but only one has "production".
 */
export function toQuery(
  text: string,
  toolkitTerms: ReadonlyMap<string, ReadonlySet<string>>,
  findLookAlikes: FindLookAlikes,
): { query: SearchQuery; mentioned: ReadonlyMap<string, number> } {
  const folded = foldPhrases(text);
  const words = toWords(folded).filter((word) => !stopWords.has(word));
  const all = [...new Set(words.map(stemOf))];
  const counts = [...toolkitTerms]
    .map(([toolkit, terms]) => [toolkit, all.filter((term) => terms.has(term)).length] as const)
    .filter(([, count]) => count > 0);
  const most = Math.max(...counts.map(([, count]) => count));
  const mentioned = new Map(counts.map(([toolkit, count]) => [toolkit, count / most]));
  const rest = all.filter((term) => !counts.some(([toolkit]) => toolkitTerms.get(toolkit)?.has(term)));
  const said = rest.length > 0 ? rest : all;
  const wants = wantedEffects(folded);
  const synonyms = new Map(said.map((term) => [term, [...synonymsOf(term)]]));
  const guesses = new Map([...synonyms.values()].flat().map((term) => [term, SYNONYM]));
  if (wants?.has('reads')) for (const term of readingTerms) if (!guesses.has(term)) guesses.set(term, READING);
  for (const term of said) guesses.delete(term);
  const query = { said, synonyms, guesses, lookAlikes: findLookAlikes(said), wants };
  return { query, mentioned };
}
