import type { SearchQuery } from './to-query.ts';
import type { ToolDocument } from './tool-document.ts';

/** A tool that BM25 found. */
export type Candidate = { document: ToolDocument; score: number };

/**
 * The weight of a word that replaces the one in the question. Tuned with the `search` benchmark, like all weights here.
 */
export const GUESSED_IN_QUESTION = 0.7;
const GUESSED_IN_NAME = 0.8;
const COVERAGE_MIN = 0.2;
const PRECISION_MIN = 0.3;
/** The factor for a tool whose effect differs from the requested one. */
const OTHER_EFFECT = 0.6;

/**
 * Best first. Scores are rounded before they are compared, because the last digits of a sum depend on the order of its
 * parts.
 */
export function rank(
  query: SearchQuery,
  candidates: readonly Candidate[],
  {
    frequencyOf,
    weightOf,
  }: {
    /** Returns the share of the tools that contain a term. */
    frequencyOf: (term: string) => number;
    weightOf: (toolkit: string) => number;
  },
): { id: number; score: number; document: ToolDocument }[] {
  const weigh = (term: string) => rarityOf(frequencyOf(term));
  const concepts = query.said.map((term) => {
    const others = query.synonyms.get(term) ?? [];
    const isKnown = [term, ...others].some((each) => frequencyOf(each) > 0);
    const lookAlikes = [...(query.lookAlikes.get(term)?.keys() ?? [])];
    return { term, others, lookAlikes, weight: isKnown ? weigh(term) : 0 };
  });
  return candidates
    .map(({ document, score }) => {
      const coverage = shareOf(concepts, ({ term, others, lookAlikes }) => {
        if (document.terms.has(term) || lookAlikes.some((each) => document.terms.has(each))) return 1;
        return others.some((other) => document.nameTerms.has(other)) ? GUESSED_IN_QUESTION : 0;
      });
      const name = [...document.nameTerms].map((term) => ({ term, weight: weigh(term) }));
      const precision = shareOf(name, ({ term }) => {
        if (query.said.includes(term)) return 1;
        return query.guesses.has(term) ? GUESSED_IN_NAME : 0;
      });
      const all =
        Math.sqrt(score) *
        (COVERAGE_MIN + coverage) *
        (PRECISION_MIN + precision) *
        effectOf(query, document) *
        Math.sqrt(weightOf(document.toolkitSlug));
      return { document, id: document.id, score: Math.round(all * 1000) / 1000 };
    })
    .sort((a, b) => b.score - a.score || a.id - b.id);
}

/** How much a word says, by the share of the tools that contain it. */
export function rarityOf(share: number): number {
  return Math.log(1 + 1 / (0.0003 + share));
}

export function shareOf<Part extends { weight: number }>(
  parts: readonly Part[],
  worth: (part: Part) => number,
): number {
  let [all, found] = [0, 0];
  for (const part of parts) {
    all += part.weight;
    found += part.weight * worth(part);
  }
  return all === 0 ? 0 : found / all;
}

function effectOf({ wants }: SearchQuery, { effect }: ToolDocument): number {
  return wants === undefined || effect === undefined || wants.has(effect) ? 1 : OTHER_EFFECT;
}
