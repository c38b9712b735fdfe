/*
 * Finds tools by what somebody wants to do: BM25 over the words of each tool, followed by a ranking of the best ones by
 * how much of the question a tool covers and how much of its name was asked for. There is no model and no network, and
 * the same question always has the same answer.
 */
import { createFit } from './fit.ts';
import { createLookAlikes } from './look-alikes.ts';
import { createPacer } from './pacer.ts';
import { pickTerms } from './pick-terms.ts';
import { type Candidate, rank } from './rank.ts';
import { type Postings, weighTerms } from './term-weights.ts';
import { type SearchQuery, toQuery } from './to-query.ts';
import { type SearchableTool, type ToolDocument, toDocument } from './tool-document.ts';

/** `score` has three decimals and cannot be compared with scores of other questions. `fit`, from 0 to 1, can. */
export type FoundTool = { slug: string; score: number; fit: number };

export type ToolSearch = {
  /** Best first. Tools of equal score are sorted by their slugs. */
  search(useCase: string, options: SearchOptions): FoundTool[];
  /** The slugs that may have been meant by an unknown one. */
  suggest(slug: string, isShown?: IsShown): string[];
};

/** With `toolkit`, only tools of that toolkit are found. */
export type SearchOptions = { limit: number; toolkit?: string | undefined; isShown?: IsShown };
/** Returns whether the tool with this slug may be shown to the caller. Absent: all tools may. */
export type IsShown = (slug: string) => boolean;

const SUGGESTIONS_MAX = 3;
/** The number of tools with the best BM25 scores that are ranked. */
const CANDIDATES_MAX = 300;
/** The factor for toolkits that the question does not name, if it names one. */
const OTHER_TOOLKIT = 0.1;
/**
 * If more than this share of the tools outside a toolkit use a word of its name, the word does not count as its name.
 */
const STRANGERS_MAX = 0.02;

/** The weight of a word by the part of the tool in which it occurs. */
const anywhere = { name: 3, headline: 3, description: 1.5, parameters: 0.5, toolkit: 2 };
/** Guessed words count only in the name. */
const inName = { name: 4 };

/** A word that occurs in a larger share of the tools does not select tools. */
const SAID_SHARE_MAX = 0.3;
const GUESSED_SHARE_MAX = 0.12;

/** Yields to the event loop regularly, so that it does not block other work of the process. */
export async function buildToolSearch(tools: Iterable<SearchableTool>): Promise<ToolSearch> {
  const pace = createPacer();
  const sorted: SearchableTool[] = [];
  for (const tool of tools) {
    sorted.push(tool);
    await pace();
  }
  // Sorted by slug, so that ties are broken by the slug alone.
  sorted.sort((a, b) => (a.slug < b.slug ? -1 : 1));
  const documents: ToolDocument[] = [];
  /** For each term, the number of tools that contain it although the names of their toolkit do not. */
  const strangers = new Map<string, number>();
  const toolkitTerms = new Map<string, ReadonlySet<string>>();
  for (const [id, tool] of sorted.entries()) {
    const document = toDocument(tool, id);
    documents.push(document);
    for (const term of document.terms) {
      if (!document.toolkitTerms.has(term)) strangers.set(term, (strangers.get(term) ?? 0) + 1);
    }
    if (!toolkitTerms.has(tool.toolkit)) toolkitTerms.set(tool.toolkit, document.toolkitTerms);
    await pace();
  }
  const ofSaid = await weighTerms(documents, anywhere, pace);
  const ofGuessed = await weighTerms(documents, inName, pace);
  const findLookAlikes = await createLookAlikes(ofSaid.keys(), pace);

  const isName = (term: string) => (strangers.get(term) ?? 0) <= STRANGERS_MAX * sorted.length;
  const namesOf = new Map([...toolkitTerms].map(([toolkit, terms]) => [toolkit, new Set([...terms].filter(isName))]));

  const counted = { toolCount: sorted.length, countOf: (term: string) => ofSaid.get(term)?.ids.length ?? 0 };
  const frequencyOf = (term: string) => counted.countOf(term) / counted.toolCount;

  function findBest(
    { said, guesses, lookAlikes }: SearchQuery,
    weightOf: (toolkit: string) => number,
    isShown: IsShown,
  ): Candidate[] {
    const scores = new Float64Array(documents.length);
    for (const term of pickTerms(said, SAID_SHARE_MAX, counted)) addTo(scores, ofSaid.get(term), 1);
    for (const worths of lookAlikes.values()) {
      for (const term of pickTerms(worths.keys(), 1, counted)) addTo(scores, ofSaid.get(term), worths.get(term));
    }
    for (const term of pickTerms(guesses.keys(), GUESSED_SHARE_MAX, counted)) {
      addTo(scores, ofGuessed.get(term), guesses.get(term));
    }
    return documents
      .filter(({ id }) => scores[id] !== 0 && isShown(sorted[id]?.slug ?? ''))
      .map((document) => ({ document, score: (scores[document.id] ?? 0) * weightOf(document.toolkitSlug) }))
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score)
      .slice(0, CANDIDATES_MAX);
  }

  function search(text: string, { limit, toolkit, isShown = () => true }: SearchOptions): FoundTool[] {
    const { query, mentioned } = toQuery(text, namesOf, findLookAlikes);
    const elsewhere = mentioned.size === 0 ? 1 : OTHER_TOOLKIT;
    const weightOf = (slug: string) => {
      if (toolkit !== undefined) return slug === toolkit ? 1 : 0;
      const share = mentioned.get(slug);
      return share === undefined ? elsewhere : OTHER_TOOLKIT + (1 - OTHER_TOOLKIT) * share;
    };
    const fitOf = createFit(query, { mentioned, frequencyOf, toolCount: sorted.length });
    const best = rank(query, findBest(query, weightOf, isShown), { frequencyOf, weightOf }).slice(0, limit);
    return best.map(({ id, score, document }) => ({ slug: sorted[id]?.slug ?? '', score, fit: fitOf(document) }));
  }

  return {
    search,
    suggest: (slug, isShown = () => true) =>
      search(slug, { limit: SUGGESTIONS_MAX, isShown }).map((found) => found.slug),
  };
}

function addTo(scores: Float64Array, postings: Postings | undefined, worth = 0): void {
  if (postings === undefined) return;
  for (const [at, id] of postings.ids.entries()) {
    scores[id] = (scores[id] ?? 0) + worth * (postings.weights[at] ?? 0);
  }
}
