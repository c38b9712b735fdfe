import {
  ExpressionSyntaxError,
  type FoundReference,
  parseCondition,
  parseTemplate,
  parseUrlTemplate,
} from '@toolplane/expressions';
import type { Part } from '../../document/part.ts';
import type { Expression, Url, When } from '../model.ts';
import { warnOfTexts } from './warn-of-text.ts';

/** The maximum number of entries of one map: outputs, analytics, headers or query. */
export const ENTRIES_MAX = 200;

const HINT = 'See the reference of runtime expressions.';

/** Reads a map of name to expression. Returns an empty list if the map is absent. */
export function readExpressions(part: Part | undefined): Expression[] {
  return part?.entries({ max: ENTRIES_MAX }).map(([name, member]) => readExpression(name, member)) ?? [];
}

export function readExpression(name: string, part: Part): Expression {
  const { template, references } = parseTemplate(part.value, (error) => report(part, error));
  warnOfTexts(part, references);
  return { name, part, template, references: references.map((reference) => inDocument(part, reference)) };
}

/** Refuses expressions in text that is shown before any call, where they would silently stay text. */
export function refuseExpressions(part: Part): void {
  const { references } = parseTemplate(part.value, () => {});
  for (const { pointer, offset, text } of references) {
    const hint = 'Lists and questions are the same for every call: write the text out.';
    const message = `${text} would stay plain text: expressions are not possible here`;
    part.problems.error('expression_not_possible', part.pointer + pointer, message, hint, { offset });
  }
}

/** A condition that cannot be read still counts as a condition, so that its action is not treated as unconditional. */
export function readCondition(part: Part): When {
  const text = part.text();
  const parsed = text === undefined ? undefined : reporting(part, () => parseCondition(text));
  if (parsed === undefined) return { condition: { kind: 'literal', value: true }, references: [] };
  return { ...parsed, references: parsed.references.map((reference) => inDocument(part, reference)) };
}

export function readUrl(part: Part): Url | undefined {
  const text = part.text();
  if (text === undefined) return undefined;
  return reporting(part, () => {
    const { url, references } = parseUrlTemplate(text);
    warnOfTexts(part, references);
    return { part, template: url, references: references.map((reference) => inDocument(part, reference)) };
  });
}

function reporting<T>(part: Part, parse: () => T): T | undefined {
  try {
    return parse();
  } catch (thrown) {
    if (!(thrown instanceof ExpressionSyntaxError)) throw thrown;
    report(part, thrown);
    return undefined;
  }
}

function report({ pointer, problems }: Part, error: ExpressionSyntaxError): void {
  problems.error('invalid_expression', pointer + error.pointer, error.message, error.hint ?? HINT, {
    offset: error.offset,
  });
}

function inDocument(part: Part, reference: FoundReference): FoundReference {
  return { ...reference, pointer: part.pointer + reference.pointer };
}
