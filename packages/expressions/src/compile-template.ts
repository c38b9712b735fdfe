import type { Json, Template } from '@toolplane/contracts';
import { spendUnits } from './budget.ts';
import { compileReplace } from './compile-replace.ts';
import { escapeText } from './escape-text.ts';
import type { EvaluateTemplate } from './evaluate.ts';
import { ExpressionError } from './expression-error.ts';
import { compileJmespath } from './jmespath/compile-jmespath.ts';
import { compileLookup } from './lookup.ts';
import { compileQuery } from './queries/compile-query.ts';
import { toStrictText, toText } from './to-text.ts';

/**
 * Turns a template into a function, once per plan. Nothing is parsed when the function runs, and no value is ever
 * scanned. It returns undefined if the whole template names nothing; inside a list or object, that is null. Literals
 * are shared between calls, so results must not be changed.
 */
export function compileTemplate(template: Template): EvaluateTemplate {
  return compileBy(admitting, template);
}

/** What is done with each value that an expression returns. */
type Wrap = (evaluate: EvaluateTemplate) => EvaluateTemplate;

function admitting(evaluate: EvaluateTemplate): EvaluateTemplate {
  return (scope, budget) => {
    const value = evaluate(scope, budget);
    return value === undefined || budget.admit === undefined ? value : budget.admit(value);
  };
}

/** For a value that is only queried: the result of the query is admitted instead. */
const unchanged: Wrap = (evaluate) => evaluate;

function compileBy(wrap: Wrap, template: Template): EvaluateTemplate {
  switch (template.kind) {
    case 'literal': {
      const { value } = template;
      return () => value;
    }
    case 'reference':
      return wrap(compileLookup(template.path));
    case 'text':
      return wrap(compileText(template));
    case 'base64':
      return compileBase64(compileBy(wrap, template.of), template.prefix);
    case 'jmespath': {
      const evaluate = compileJmespath(template.expression);
      return wrap((scope, budget) => evaluate(scope, budget) ?? undefined);
    }
    case 'select':
      return wrap(compileSelect(template));
    case 'replace':
      return compileReplace(template, (part) => compileBy(wrap, part));
    case 'list': {
      const items = template.items.map((item) => compileBy(wrap, item));
      return (scope, budget) => items.map((evaluate) => evaluate(scope, budget) ?? null);
    }
    case 'map':
      return compileMap(wrap, template);
  }
}

type TemplateOf<Kind extends Template['kind']> = Extract<Template, { kind: Kind }>;

function compileText({ parts, strict, escape: where }: TemplateOf<'text'>): EvaluateTemplate {
  const write = strict ? toStrictText : toText;
  const compiled = parts.map((part) =>
    typeof part === 'string' ? part : { ...part, find: compileLookup(part.path), place: part.inside ?? where },
  );
  return (scope, budget) => {
    let text = '';
    for (const part of compiled) {
      const written =
        typeof part === 'string' ? part : escapeText(write(part.find(scope), budget, part.path), part.place);
      spendUnits(budget, written.length);
      text += written;
    }
    return text;
  };
}

function compileBase64(evaluate: EvaluateTemplate, prefix = ''): EvaluateTemplate {
  return (scope, budget) => {
    const value = evaluate(scope, budget) ?? null;
    if (value === null) return undefined;
    const text = toText(value, budget);
    spendUnits(budget, text.length);
    return prefix + Buffer.from(text).toString('base64');
  };
}

/**
 * Returns a single match itself and several matches as a list. A value that cannot be queried has no matches: outputs
 * are built before the status is checked, so an error page must not fail the step.
 */
function compileSelect({ from, query }: TemplateOf<'select'>): EvaluateTemplate {
  const evaluate = compileBy(unchanged, from);
  const { find } = compileQuery(query);
  return (scope, budget) => {
    const value = evaluate(scope, budget) ?? null;
    if (value === null) return undefined;
    const found = findOrNone(() => find(value, scope, budget));
    return found.length > 1 ? found : found[0];
  };
}

function findOrNone(find: () => Json[]): Json[] {
  try {
    return find();
  } catch (thrown) {
    if (thrown instanceof ExpressionError) return [];
    throw thrown;
  }
}

function compileMap(wrap: Wrap, { entries, sparse, canBeAbsent }: TemplateOf<'map'>): EvaluateTemplate {
  const compiled = entries.map(([key, member]) => ({ key, evaluate: compileBy(wrap, member) }));
  return (scope, budget) => {
    const value: { [key: string]: Json } = {};
    for (const { key, evaluate } of compiled) {
      const member = evaluate(scope, budget);
      if (member !== undefined || !sparse) value[key] = member ?? null;
    }
    if (canBeAbsent && Object.keys(value).length === 0) return undefined;
    return value;
  };
}
