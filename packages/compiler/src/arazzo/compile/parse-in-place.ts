import type { Template } from '@toolplane/contracts';
import { findExpressions, type ParseHooks, parseArazzoValue } from '@toolplane/expressions';
import type { Part } from '../../document/part.ts';
import type { Hint } from '../../document/problems.ts';
import type { WorkflowContext } from './context.ts';
import type { ExpressionLocation } from './expression-location.ts';
import type { Report } from './report.ts';
import { resolveExpression } from './resolve-expression.ts';

/** Returns the hooks of the expression parsers, which report problems at their location in the document. */
export function hooksFor(part: Part, location: ExpressionLocation, context: WorkflowContext): ParseHooks {
  const { report } = context;
  return {
    resolve(expression, place) {
      const { text } = expression;
      const reportHere = reportAt(part, place, report);
      return resolveExpression(expression, { context, location, text, report: reportHere });
    },
    onError({ message, pointer, offset, hint = EXPRESSION_HINT }) {
      report('error', part, 'invalid_expression', message, hint, { pointer, offset });
    },
    onWarning({ message, pointer, offset }) {
      report('warn', part, 'lenient_expression', message, EXPRESSION_HINT, { pointer, offset });
    },
  };
}

const EXPRESSION_HINT = 'The Arazzo reference lists the possible expressions.';

/** Parses a value of the document with its expressions, including Selector Objects. */
export function parseValue(part: Part, location: ExpressionLocation, context: WorkflowContext): Template {
  return parseArazzoValue(part.value, hooksFor(part, location, context), {
    // Selector Objects are new in 1.1: before, an object that looks like one is sent unchanged.
    selectors: context.document.minor === 1,
    sparse: true,
  });
}

/** Parses an output. Warns if it is constant text, which is hardly ever intended. */
export function parseOutput(part: Part, location: ExpressionLocation, context: WorkflowContext): Template {
  const { value: written } = part;
  if (typeof written !== 'string') return parseValue(part, location, context);
  const hooks = hooksFor(part, location, context);
  let hasError = false;
  const onError: ParseHooks['onError'] = (error) => {
    hasError = true;
    hooks.onError(error);
  };
  const template = parseArazzoValue(written, { ...hooks, onError });
  if (hasError) return template;
  if (template.kind === 'literal' && findExpressions(written).length === 0) {
    context.report(
      'warn',
      part,
      'literal_output',
      'This is not an expression: the output is always this text',
      OUTPUT_HINT,
    );
  } else if (template.kind === 'text' && template.parts.length === 1) {
    const message = 'In braces, a value of any type becomes text';
    context.report('warn', part, 'text_output', message, `To keep its type, write ${written.trim().slice(1, -1)}.`);
  }
  return template;
}

const OUTPUT_HINT = 'For example, write $response.body#/id or $steps.<stepId>.outputs.<name>.';

function reportAt(part: Part, place: { pointer: string; offset: number }, report: Report) {
  return (severity: 'error' | 'warn', code: string, message: string, hint: Hint): void => {
    report(severity, part, code, message, hint, place);
  };
}
