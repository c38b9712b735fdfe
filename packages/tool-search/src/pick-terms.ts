/** So many tools are looked through in no time. */
const FEW = 300;

type Counted = {
  toolCount: number;
  /** How many of the tools contain a term. */
  countOf: (term: string) => number;
};

/**
 * Words of very many tools, of more than this share, find nobody: they count only for those that others find. Of the
 * rest, the rarest say most. However many are given, those that are picked stand in no more tools together than there
 * are, counted each time.
 */
export function pickTerms(terms: Iterable<string>, shareMax: number, { toolCount, countOf }: Counted): string[] {
  const known = [...terms].map((term) => ({ term, count: countOf(term) })).filter(({ count }) => count > 0);
  const countOfMany = Math.max(shareMax * toolCount, FEW);
  const rare = known.filter(({ count }) => count <= countOfMany);
  const rarestFirst = (rare.length > 0 ? rare : known).sort((a, b) => a.count - b.count);
  let room = Math.max(toolCount, FEW);
  return rarestFirst
    .filter(({ count }) => {
      room -= count;
      return room >= 0;
    })
    .map(({ term }) => term);
}
