/** Where a run of steps can go, whatever the format: any condition may hold or not. */
export type ControlFlow = {
  /** Returns true if the run can reach step `to` after it has run step `from`. */
  follows(from: number, to: number): boolean;
  /** Returns true if a run that has reached this step can end without the limit on steps. */
  canEnd(step: number): boolean;
  isReached(step: number): boolean;
};

/** The exits of one step: indexes of the steps that can come next, and whether the run can end there. */
export type Exits = { next: number[]; canEnd: boolean };

/** Traces runs, which begin at the first step. */
export function traceExits(exits: Exits[]): ControlFlow {
  const next = exits.map((exit) => exit.next);
  const followers = new Map<number, Set<number>>();
  const ends = exits.flatMap(({ canEnd }, step) => (canEnd ? [step] : []));
  const ending = new Set([...ends, ...reachableFrom(ends, reverse(next))]);
  const reached = new Set([0, ...reachableFrom([0], next)]);
  return {
    follows(from, to) {
      // This is computed on demand: it is rarely needed, and expensive for every step.
      const known = followers.get(from) ?? reachableFrom([from], next);
      followers.set(from, known);
      return known.has(to);
    },
    canEnd: (step) => ending.has(step),
    isReached: (step) => reached.has(step),
  };
}

function reverse(next: number[][]): number[][] {
  const previous: number[][] = next.map(() => []);
  for (const [step, followers] of next.entries()) for (const each of followers) previous[each]?.push(step);
  return previous;
}

/** Includes a start itself only if the run can return to it. */
function reachableFrom(starts: number[], next: number[][]): Set<number> {
  const reached = new Set<number>();
  const waiting = starts.flatMap((start) => next[start] ?? []);
  for (let step = waiting.pop(); step !== undefined; step = waiting.pop()) {
    if (reached.has(step)) continue;
    reached.add(step);
    for (const each of next[step] ?? []) waiting.push(each);
  }
  return reached;
}
