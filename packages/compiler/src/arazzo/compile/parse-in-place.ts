import { appendPointer, type Json, type Template } from '@toolplane/contracts';
import { type ParseHooks, parseArazzoValue } from '@toolplane/expressions';
import type { Part } from '../../document/part.ts';
import type { Hint } from '../../document/problems.ts';
import type { Report, WorkflowContext } from './context.ts';
import { resolveExpression } from './resolve-expression.ts';
import type { Site } from './site.ts';

/** For the parsers of expressions: what is wrong is told where it stands in the document. */
export function hooksFor(part: Part, site: Site, context: WorkflowContext): ParseHooks {
  const { report } = context;
  return {
    resolve(expression) {
      const { text } = expression;
      const tell = tellAt(part, text, report);
      return resolveExpression(expression, { context, site, text, tell });
    },
    onError({ message, pointer, offset }) {
      report('error', part, 'invalid_expression', message, EXPRESSION_HINT, { pointer, offset });
    },
    onWarning({ message, pointer, offset }) {
      report('warn', part, 'lenient_expression', message, EXPRESSION_HINT, { pointer, offset });
    },
  };
}

const EXPRESSION_HINT = 'The reference of Arazzo lists what an expression can be.';

/** A value of the document with its expressions, Selector Objects included. */
export function parseValue(part: Part, site: Site, context: WorkflowContext): Template {
  return parseArazzoValue(part.value, hooksFor(part, site, context), { selectors: true, sparse: true });
}

function tellAt(part: Part, text: string, report: Report) {
  return (severity: 'error' | 'warn', code: string, message: string, hint: Hint): void => {
    report(severity, part, code, message, hint, findText(part.value, text));
  };
}

/** Where a text stands first in a value. */
function findText(value: Json, text: string, pointer = ''): { pointer: string; offset: number } | undefined {
  if (typeof value === 'string') {
    const offset = value.indexOf(text);
    return offset < 0 ? undefined : { pointer, offset };
  }
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, member] of Object.entries(value)) {
    const found = findText(member, text, appendPointer(pointer, key));
    if (found !== undefined) return found;
  }
  return undefined;
}
