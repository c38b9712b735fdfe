/** Where a run of steps can go, whatever the format: conditions may hold or not. */
export type ControlFlow = {
  /** Can the run come to step `to` after having run step `from`? */
  follows(from: number, to: number): boolean;
  /** Can a run that has come to this step end by itself, without the limit on steps? */
  canEnd(step: number): boolean;
  isReached(step: number): boolean;
};

/** Of one step: indexes of the steps that can come next, and whether the run can end there. */
export type Exits = { next: number[]; canEnd: boolean };

/** Runs begin at the first step. */
export function traceExits(exits: Exits[]): ControlFlow {
  const followers = exits.map((_, index) => reachableFrom(index, exits));
  return {
    follows: (from, to) => followers[from]?.has(to) ?? false,
    canEnd: (step) => [step, ...(followers[step] ?? [])].some((each) => exits[each]?.canEnd),
    isReached: (step) => step === 0 || (followers[0]?.has(step) ?? false),
  };
}

function reachableFrom(start: number, exits: Exits[]): Set<number> {
  const reached = new Set<number>();
  const waiting = [...(exits[start]?.next ?? [])];
  for (let step = waiting.pop(); step !== undefined; step = waiting.pop()) {
    if (reached.has(step)) continue;
    reached.add(step);
    waiting.push(...(exits[step]?.next ?? []));
  }
  return reached;
}
