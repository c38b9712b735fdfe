import type { Json, Template } from '@toolplane/contracts';
import { type Budget, spendUnits } from './budget.ts';
import type { EvaluateTemplate } from './evaluate.ts';
import { compileQuery } from './queries/compile-query.ts';
import { toText } from './to-text.ts';

type ReplaceTemplate = Extract<Template, { kind: 'replace' }>;

/**
 * Applies replacements one after the other, on a copy, so that neither inputs nor literals change. A replacement that
 * names nothing leaves its location unchanged. Throws `ExpressionError` for a location that does not exist.
 */
export function compileReplace(
  { in: template, replacements, strict }: ReplaceTemplate,
  compile: (template: Template) => EvaluateTemplate,
): EvaluateTemplate {
  const evaluate = compile(template);
  const compiled = replacements.map(({ at, value }) => ({
    isXml: at.language === 'xpath',
    replace: compileQuery(at).replace,
    evaluate: compile(value),
  }));
  return (scope, budget) => {
    let value = copyOf(evaluate(scope, budget) ?? null, budget);
    for (const { isXml, replace, evaluate } of compiled) {
      const replacement = evaluate(scope, budget);
      if (replacement === undefined) continue;
      const target = isXml ? value : toStructure(value, budget);
      value = replace(target, scope, { copy: () => copyOf(replacement, budget), strict: strict === true, budget });
    }
    return value;
  };
}

function copyOf(value: Json, budget: Budget): Json {
  return typeof value === 'object' && value !== null ? JSON.parse(toText(value, budget)) : value;
}

/** A payload may be JSON text. Text that is not JSON stays text, which has no members to replace. */
function toStructure(value: Json, budget: Budget): Json {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  spendUnits(budget, value.length);
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
