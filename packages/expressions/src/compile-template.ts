import type { Json, Template } from '@toolplane/contracts';
import { type Budget, spendUnits } from './budget.ts';
import { compileJmespath } from './jmespath/compile-jmespath.ts';
import { compileLookup } from './lookup.ts';
import type { Scope } from './scope.ts';
import { toText } from './to-text.ts';

export type EvaluateTemplate = (scope: Scope, budget: Budget) => Json | undefined;

/**
 * Turns a template into a function, once per plan; nothing is parsed when it runs and no value is ever scanned.
 * `undefined` means that the whole template names nothing; inside a list or object that is null. Literals are shared
 * between calls, so results must not be changed.
 */
export function compileTemplate(template: Template): EvaluateTemplate {
  switch (template.kind) {
    case 'literal': {
      const { value } = template;
      return () => value;
    }
    case 'reference':
      return admitting(compileLookup(template.path));
    case 'text':
      return admitting(compileText(template.parts));
    case 'jmespath': {
      const evaluate = compileJmespath(template.expression);
      return admitting((scope, budget) => evaluate(scope, budget) ?? undefined);
    }
    case 'list': {
      const items = template.items.map(compileTemplate);
      return (scope, budget) => items.map((evaluate) => evaluate(scope, budget) ?? null);
    }
    case 'map':
      return compileMap(template.entries);
  }
}

function admitting(evaluate: EvaluateTemplate): EvaluateTemplate {
  return (scope, budget) => {
    const value = evaluate(scope, budget);
    return value === undefined || budget.admit === undefined ? value : budget.admit(value);
  };
}

function compileText(parts: (string | { path: string[] })[]): EvaluateTemplate {
  const compiled = parts.map((part) => (typeof part === 'string' ? part : compileLookup(part.path)));
  return (scope, budget) => {
    let text = '';
    for (const part of compiled) {
      const written = typeof part === 'string' ? part : toText(part(scope), budget);
      spendUnits(budget, written.length);
      text += written;
    }
    return text;
  };
}

function compileMap(entries: [string, Template][]): EvaluateTemplate {
  const compiled = entries.map(([key, member]) => ({ key, evaluate: compileTemplate(member) }));
  return (scope, budget) => {
    const value: { [key: string]: Json } = {};
    for (const { key, evaluate } of compiled) value[key] = evaluate(scope, budget) ?? null;
    return value;
  };
}
