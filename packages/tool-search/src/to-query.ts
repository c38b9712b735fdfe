import type { FindLookAlikes } from './look-alikes.ts';
import { stopWords } from './stop-words.ts';
import { foldPhrases, synonymsOf } from './synonyms.ts';
import { stemOf, toWords } from './to-terms.ts';
import { type Effect, wantedEffects } from './wanted-effects.ts';

/** What is looked for. */
export type Query = {
  /** Terms that were said, once each. */
  said: readonly string[];
  /** Terms that may replace one that was said. */
  synonyms: ReadonlyMap<string, readonly string[]>;
  /** All terms that were not said but may be meant, and what each is worth beside those that were. */
  guesses: ReadonlyMap<string, number>;
  /** Of terms of which there are none: those that they look like, and what each is worth. */
  lookAlikes: ReadonlyMap<string, ReadonlyMap<string, number>>;
  wants: ReadonlySet<Effect> | undefined;
};

const SYNONYM = 0.5;
const READING = 0.4;

/** How tools begin that answer questions. */
const readingTerms = ['get', 'list', 'search'].map(stemOf);

/**
 * Names of toolkits are taken out of the question: they tell where to look, not for what. `mentioned` has how much of
 * what the question says of toolkits is said of each, compared with the one that is meant most: of two accounts at one
 * service, both have its name, and only one has "production".
 */
export function toQuery(
  text: string,
  toolkitTerms: ReadonlyMap<string, ReadonlySet<string>>,
  findLookAlikes: FindLookAlikes,
): { query: Query; mentioned: ReadonlyMap<string, number> } {
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
