const LENGTH_MAX = 64;
const COMPARED_MAX = 200;
const LISTED_MAX = 10;

/** Hint for a name that does not exist: the candidate nearest to it, or what there is. */
export function suggestName(name: string, candidates: readonly string[], otherwise: string): () => string {
  return () => {
    const closest = closestName(name, candidates.slice(0, COMPARED_MAX));
    if (closest !== undefined) return `Did you mean "${closest}"?`;
    const more = candidates.length > LISTED_MAX ? ', …' : '';
    return `${otherwise}: ${candidates.slice(0, LISTED_MAX).join(', ') || 'none'}${more}.`;
  };
}

export function closestName(
  name: string,
  candidates: readonly string[],
  farthest = Math.ceil(name.length / 3),
): string | undefined {
  if (name.length > LENGTH_MAX) return undefined;
  let closest: string | undefined;
  let distanceMax = farthest;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) > distanceMax) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance > distanceMax || (closest !== undefined && distance === distanceMax)) continue;
    closest = candidate;
    distanceMax = distance;
  }
  return closest;
}

/** Levenshtein, one row at a time. */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let line = 1; line <= left.length; line += 1) {
    const next = [line];
    for (let column = 1; column <= right.length; column += 1) {
      const substituted = (row[column - 1] ?? 0) + (left[line - 1] === right[column - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
