import type { Json, Template } from '@toolplane/contracts';
import { compileJmespath } from './jmespath/compile-jmespath.ts';
import { compileLookup } from './lookup.ts';
import type { Scope } from './scope.ts';
import { toText } from './to-text.ts';

export type EvaluateTemplate = (scope: Scope) => Json | undefined;

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
      return compileLookup(template.path);
    case 'text':
      return compileText(template.parts);
    case 'jmespath': {
      const evaluate = compileJmespath(template.expression);
      return (scope) => evaluate(scope) ?? undefined;
    }
    case 'list': {
      const items = template.items.map(compileTemplate);
      return (scope) => items.map((evaluate) => evaluate(scope) ?? null);
    }
    case 'map':
      return compileMap(template.entries);
  }
}

function compileText(parts: (string | { path: string[] })[]): (scope: Scope) => string {
  const compiled = parts.map((part) => (typeof part === 'string' ? part : compileLookup(part.path)));
  return (scope) => {
    let text = '';
    for (const part of compiled) text += typeof part === 'string' ? part : toText(part(scope));
    return text;
  };
}

function compileMap(entries: [string, Template][]): EvaluateTemplate {
  const compiled = entries.map(([key, member]) => ({ key, evaluate: compileTemplate(member) }));
  return (scope) => {
    const value: { [key: string]: Json } = {};
    for (const { key, evaluate } of compiled) value[key] = evaluate(scope) ?? null;
    return value;
  };
}
