import type { Json } from '@toolplane/contracts';
import type { Budget } from './budget.ts';
import type { Scope } from './scope.ts';

/** Returns undefined if the whole template names nothing. */
export type EvaluateTemplate = (scope: Scope, budget: Budget) => Json | undefined;

export type EvaluateCondition = (scope: Scope, budget: Budget) => boolean;
