import type { Pace } from './pacer.ts';
import type { SearchedField, ToolDocument } from './tool-document.ts';

/** The tools that contain a term, and the weight of the term in each: `weights[i]` belongs to `ids[i]`. */
export type Postings = { ids: Uint32Array; weights: Float32Array };

/**
 * The parameters of BM25+: how soon repetitions of a word stop counting, how much less longer texts count, and the
 * minimum weight of any match.
 */
const [SATURATION, LENGTH, ANY] = [1.2, 0.8, 0.5];

/**
 * The BM25+ weight of each term in each tool, summed over the fields by the weight of each field. None of it depends on
 * the question, so it is computed once, and a search only adds.
 */
export async function weighTerms(
  documents: readonly ToolDocument[],
  worths: Partial<Record<SearchedField, number>>,
  pace: Pace,
): Promise<ReadonlyMap<string, Postings>> {
  const sums = new Map<string, Map<number, number>>();
  for (const [field, worth] of Object.entries(worths) as [SearchedField, number][]) {
    const { lengths, lengthMean, countsByTerm } = await countTerms(documents, field, pace);
    for (const [term, counts] of countsByTerm) {
      const rarity = Math.log(1 + (documents.length - counts.size + 0.5) / (counts.size + 0.5));
      const sumsOfTerm = sums.get(term) ?? new Map<number, number>();
      sums.set(term, sumsOfTerm);
      for (const [id, count] of counts) {
        const room = SATURATION * (1 - LENGTH + (LENGTH * (lengths[id] ?? 0)) / lengthMean);
        const weight = worth * rarity * (ANY + (count * (SATURATION + 1)) / (count + room));
        sumsOfTerm.set(id, (sumsOfTerm.get(id) ?? 0) + weight);
      }
      await pace();
    }
  }
  const postings = new Map<string, Postings>();
  for (const [term, ofTerm] of sums) {
    postings.set(term, { ids: Uint32Array.from(ofTerm.keys()), weights: Float32Array.from(ofTerm.values()) });
    await pace();
  }
  return postings;
}

/** Counts how often each term occurs in each tool, and how many different terms a tool has. */
async function countTerms(documents: readonly ToolDocument[], field: SearchedField, pace: Pace) {
  const countsByTerm = new Map<string, Map<number, number>>();
  const lengths: number[] = [];
  let together = 0;
  for (const { id, [field]: terms } of documents) {
    for (const term of terms) {
      const counts = countsByTerm.get(term) ?? new Map<number, number>();
      countsByTerm.set(term, counts.set(id, (counts.get(id) ?? 0) + 1));
    }
    lengths[id] = new Set(terms).size;
    together += lengths[id];
    await pace();
  }
  return { lengths, lengthMean: together / documents.length, countsByTerm };
}
