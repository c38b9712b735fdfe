import type { Condition, Json } from '@toolplane/contracts';
import { arazzoRules } from './arazzo/comparisons.ts';
import type { Budget } from './budget.ts';
import { type ConditionRules, flowerRules } from './condition-rules.ts';
import type { EvaluateCondition } from './evaluate.ts';
import { falseOnFailure } from './false-on-failure.ts';
import { compileQueryCriterion, compileRegexCriterion } from './queries/criteria.ts';
import type { Scope } from './scope.ts';

export function compileCondition(condition: Condition): EvaluateCondition {
  return compileBy(flowerRules, condition);
}

function compileBy(rules: ConditionRules, condition: Condition): EvaluateCondition {
  switch (condition.kind) {
    case 'literal': {
      const holds = rules.holds(condition.value);
      return () => holds;
    }
    case 'reference': {
      const find = rules.compileLookup(condition.path);
      return (scope) => rules.holds(find(scope));
    }
    case 'not': {
      const holds = compileBy(rules, condition.of);
      return (scope, budget) => !holds(scope, budget);
    }
    case 'compare': {
      const left = compileOperand(rules, condition.left);
      const right = compileOperand(rules, condition.right);
      const compare = rules.compare[condition.operator];
      return (scope, budget) => compare(left(scope, budget), right(scope, budget), budget);
    }
    case 'and': {
      const all = condition.of.map((one) => compileBy(rules, one));
      return (scope, budget) => all.every((holds) => holds(scope, budget));
    }
    case 'or': {
      const any = condition.of.map((one) => compileBy(rules, one));
      return (scope, budget) => any.some((holds) => holds(scope, budget));
    }
    case 'simple':
      return falseOnFailure(compileBy(arazzoRules, condition.of));
    case 'regex':
      return compileRegexCriterion(condition);
    case 'query':
      return compileQueryCriterion(condition);
  }
}

/** Literals and references keep their value; any other operand is true or false. */
function compileOperand(
  rules: ConditionRules,
  condition: Condition,
): (scope: Scope, budget: Budget) => Json | undefined {
  if (condition.kind === 'reference') return rules.compileLookup(condition.path);
  if (condition.kind !== 'literal') return compileBy(rules, condition);
  const { value } = condition;
  return () => value;
}
