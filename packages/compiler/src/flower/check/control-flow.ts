import type { Procedure, Step } from '../model.ts';

export type ControlFlow = {
  /** Can the run come to step `to` after having run step `from`? */
  follows(from: number, to: number): boolean;
  /** Can a run that has come to this step end by itself, without the limit on steps? */
  canEnd(step: number): boolean;
  isReached(step: number): boolean;
};

type Exits = { next: number[]; canEnd: boolean };

/** Where a run can go. Conditions may hold or not; a retry gives up in the end. */
export function traceControlFlow({ steps }: Pick<Procedure, 'steps'>): ControlFlow {
  const exits = steps.map((step, index) => exitsOf(step, index, steps));
  const followers = steps.map((_, index) => reachableFrom(index, exits));
  return {
    follows: (from, to) => followers[from]?.has(to) ?? false,
    canEnd: (step) => [step, ...(followers[step] ?? [])].some((each) => exits[each]?.canEnd),
    isReached: (step) => step === 0 || (followers[0]?.has(step) ?? false),
  };
}

function exitsOf(step: Step, index: number, steps: Step[]): Exits {
  const exits: Exits = { next: [], canEnd: false };
  const goTo = (target: number) => {
    if (target < steps.length) exits.next.push(target);
    else exits.canEnd = true;
  };
  for (const action of step.actions) {
    if (action.do === 'next') goTo(index + 1);
    else if (action.do === 'end') exits.canEnd = true;
    else if (action.do === 'retry') exits.next.push(index);
    else exits.next.push(...steps.flatMap(({ id }, target) => (id === action.step ? [target] : [])));
    if (isAlwaysTaken(action)) return exits;
  }
  if (step.actions.length === 0) goTo(index + 1);
  // No action matched: the run fails, which ends it.
  else exits.canEnd = true;
  return exits;
}

/** Nothing that stands after such an action is looked at; a retry is passed once its tries are used up. */
export function isAlwaysTaken(action: Step['actions'][number]): boolean {
  return action.when === undefined && action.do !== 'retry';
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
