/*
 * Finds tools by what somebody wants to do: BM25 over the words of each tool, and then an order among the best by how
 * much of the question a tool answers and how much of its name was asked for. No model, no network, and the same answer
 * to the same question every time.
 */
import MiniSearch from 'minisearch';
import { createPacer } from './pacer.ts';
import { rank } from './rank.ts';
import { type Query, toQuery } from './to-query.ts';
import { fields, type SearchableTool, type ToolDocument, toDocument } from './tool-document.ts';

/** `score` has three decimals and says nothing beside those of other questions. */
export type FoundTool = { slug: string; score: number };

export type ToolSearch = {
  /** Best first; tools of equal score by their slugs. */
  search(useCase: string, options: SearchOptions): FoundTool[];
  /** What somebody may have meant by a slug that is none. */
  suggest(slug: string, isShown?: IsShown): string[];
};

/** With `toolkit` of that one alone. */
export type SearchOptions = { limit: number; toolkit?: string | undefined; isShown?: IsShown };
/** Whether whoever asks may be told of the tool of this slug; absent: of all. */
export type IsShown = (slug: string) => boolean;

const SUGGESTIONS_MAX = 3;
/** Of those that BM25 likes best, so many are looked at more closely. */
const CANDIDATES_MAX = 300;
/** Shorter words are too much like too many others. */
const INEXACT_LENGTH_MIN = 4;
const INEXACT_MAX = 4;
/** Of one word. To look for more takes ever longer: a long word would be compared with nearly all that there are. */
const TYPOS_MAX = 2;
/** A question that names a toolkit hardly means another one. */
const OTHER_TOOLKIT = 0.1;
/** A word of a toolkit's name is not meant as one where many others use it: share of the tools. */
const STRANGERS_MAX = 0.02;
/** So many tools are looked through in no time. */
const FEW = 300;

/** Terms that stand in at most this share of the tools, at most so many, and at most so much of all tools together. */
type Picked = { shareMax: number; countMax: number; togetherMax: number };

const said = {
  ...{ shareMax: 0.3, countMax: 16, togetherMax: 1 },
  options: { boost: { name: 3, headline: 3, description: 1.5, parameters: 0.5, toolkit: 2 } },
};
/** Guessed words have to stand in the name. */
const guessed = {
  ...{ shareMax: 0.12, countMax: 40, togetherMax: 1 },
  options: { boost: { name: 4 }, fields: ['name'] },
};

/** Takes turns with everything else that the process does. */
export async function buildToolSearch(tools: Iterable<SearchableTool>): Promise<ToolSearch> {
  const pace = createPacer();
  const sorted: SearchableTool[] = [];
  for (const tool of tools) {
    sorted.push(tool);
    await pace();
  }
  // By slug, so that what decides between equals depends on nothing else.
  sorted.sort((a, b) => (a.slug < b.slug ? -1 : 1));
  const index = createIndex();
  const documents: ToolDocument[] = [];
  /** In how many tools a term stands. */
  const frequencies = new Map<string, number>();
  /** In how many tools of toolkits that are not called so. */
  const strangers = new Map<string, number>();
  const toolkitTerms = new Map<string, ReadonlySet<string>>();
  for (const [id, tool] of sorted.entries()) {
    const document = toDocument(tool, id);
    documents.push(document);
    index.add(document);
    for (const term of document.terms) {
      frequencies.set(term, (frequencies.get(term) ?? 0) + 1);
      if (!document.toolkitTerms.has(term)) strangers.set(term, (strangers.get(term) ?? 0) + 1);
    }
    if (!toolkitTerms.has(tool.toolkit)) toolkitTerms.set(tool.toolkit, document.toolkitTerms);
    await pace();
  }

  const isName = (term: string) => (strangers.get(term) ?? 0) <= STRANGERS_MAX * sorted.length;
  const namesOf = new Map([...toolkitTerms].map(([toolkit, terms]) => [toolkit, new Set([...terms].filter(isName))]));

  const frequencyOf = (term: string) => (frequencies.get(term) ?? 0) / sorted.length;
  const isUnknown = (term: string) => term.length >= INEXACT_LENGTH_MIN && !frequencies.has(term);

  /** Words that there are not stand for such as look like them. Who writes many of them does not mean any. */
  function likeThem({ said: terms }: Query) {
    const unknown = new Set(terms.filter(isUnknown).slice(0, INEXACT_MAX));
    const isMeant = (term: string) => unknown.has(term);
    return { prefix: isMeant, fuzzy: (term: string) => (isMeant(term) ? 0.2 : false), maxFuzzy: TYPOS_MAX };
  }

  /**
   * Words of very many tools find nobody, and take the longest: they count only for those that others find. Of the
   * rest, the rarest say most.
   */
  function pick(terms: Iterable<string>, { shareMax, countMax, togetherMax }: Picked): string {
    const known = [...terms].map((term) => ({ term, count: frequencies.get(term) ?? 0 }));
    const countOfMany = Math.max(shareMax * sorted.length, FEW);
    const rare = known.filter(({ count }) => count <= countOfMany);
    const picked = (rare.some(({ count }) => count > 0) ? rare : known).sort((a, b) => a.count - b.count);
    const room = Math.max(togetherMax * sorted.length, FEW);
    let together = 0;
    return picked
      .slice(0, countMax)
      .filter(({ count }, index) => {
        together += count;
        return index === 0 || together <= room;
      })
      .map(({ term }) => term)
      .join(' ');
  }

  const knownGuesses = ({ guesses }: Query) => [...guesses.keys()].filter((term) => frequencies.has(term));

  function findBest(query: Query, weightOf: (toolkit: string) => number, isShown: IsShown) {
    // What weighs nothing is not found.
    const boostDocument = (id: number) =>
      isShown(sorted[id]?.slug ?? '') ? weightOf(documents[id]?.toolkitSlug ?? '') : 0;
    const boostTerm = (term: string) => query.guesses.get(term) ?? 0;
    const ofSaid = { queries: [pick(query.said, said)], ...said.options, ...likeThem(query), boostDocument };
    const ofGuessed = { queries: [pick(knownGuesses(query), guessed)], ...guessed.options, boostDocument, boostTerm };
    return index.search({ combineWith: 'OR', queries: [ofSaid, ofGuessed] }).slice(0, CANDIDATES_MAX);
  }

  function search(text: string, { limit, toolkit, isShown = () => true }: SearchOptions): FoundTool[] {
    const { query, mentioned } = toQuery(text, namesOf);
    const elsewhere = mentioned.size === 0 ? 1 : OTHER_TOOLKIT;
    const weightOf = (slug: string) => {
      if (toolkit !== undefined) return slug === toolkit ? 1 : 0;
      return mentioned.has(slug) ? 1 : elsewhere;
    };
    const candidates = findBest(query, weightOf, isShown).map(({ id, score, queryTerms }) => ({
      ...{ document: documents[id] as ToolDocument, matched: new Set(queryTerms) },
      // The library multiplies its sums by the number of terms, which favours those of which many were guessed.
      score: score / Math.max(queryTerms.length, 1),
    }));
    return rank(query, candidates, { frequencyOf, weightOf })
      .slice(0, limit)
      .map(({ id, score }) => ({ slug: sorted[id]?.slug ?? '', score }));
  }

  return {
    search,
    suggest: (slug, isShown = () => true) =>
      search(slug, { limit: SUGGESTIONS_MAX, isShown }).map((found) => found.slug),
  };
}

function createIndex(): MiniSearch<ToolDocument> {
  return new MiniSearch<ToolDocument>({
    fields: [...fields],
    // What it gets are terms already.
    tokenize: (terms) => (terms === '' ? [] : terms.split(' ')),
    processTerm: (term) => term,
    searchOptions: { bm25: { k: 1.2, b: 0.8, d: 0.5 } },
  });
}
