/** This many tools are searched in no time. */
const FEW = 300;

type Counted = {
  toolCount: number;
  /** Returns how many of the tools contain a term. */
  countOf: (term: string) => number;
};

/**
 * Words that occur in a larger share of the tools than `shareMax` do not select tools: they only count for tools that
 * other words select, and are used alone only if there are no others. Of the rest, rarer words say more. However many
 * terms are passed, the number of matches of all picked terms together does not exceed the number of tools.
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
