import type { Query, Template } from '@toolplane/contracts';
import { parseQuery } from '@toolplane/expressions';
import type { BodyKind } from '../../http/body-kind.ts';
import type { PayloadReplacement, RequestBody } from '../model.ts';
import type { StepContext, WorkflowContext } from './context.ts';
import type { ExpressionLocation } from './expression-location.ts';
import { hooksFor, parseValue } from './parse-in-place.ts';

/** Compiles the payload with its replacements, which are applied one after the other. */
export function compileReplacements(
  payload: Template,
  { replacements }: RequestBody,
  kind: BodyKind,
  step: StepContext,
  context: WorkflowContext,
): Template {
  if (replacements.length === 0) return payload;
  const location: ExpressionLocation = { kind: 'request', step };
  const strict = context.document.settings.strictReplacements;
  return {
    kind: 'replace',
    in: payload,
    replacements: replacements.map((replacement) => ({
      at: compileTarget(replacement, kind, location, context),
      value: parseValue(replacement.value, location, context),
    })),
    ...(strict ? { strict } : {}),
  };
}

function compileTarget(
  replacement: PayloadReplacement,
  kind: BodyKind,
  location: ExpressionLocation,
  context: WorkflowContext,
): Query {
  const { target, part } = replacement;
  const text = typeof target.value === 'string' ? target.value : '';
  const language = languageOf(replacement, text, kind, context);
  const isFitting = kind === 'xml' ? language === 'xpath' : language !== 'xpath';
  if (kind === 'text' || kind === 'base64' || !isFitting) {
    const hint = 'Use JSON Pointer or JSONPath for JSON and forms, and XPath for XML.';
    context.report(
      'error',
      part,
      'wrong_target',
      'A body of this media type does not support this kind of target',
      hint,
    );
  }
  return parseQuery(language, text, hooksFor(target, location, context), { compat: false });
}

function languageOf(
  { type, target }: PayloadReplacement,
  text: string,
  kind: BodyKind,
  { report }: WorkflowContext,
): Query['language'] {
  if (type !== undefined) return type;
  if (kind === 'xml') return 'xpath';
  if (!text.startsWith('$')) return 'jsonpointer';
  const hint = 'Write it as a JSON Pointer, or add targetSelectorType: jsonpath.';
  report('warn', target, 'lenient_target', 'This target is read as JSONPath', hint);
  return 'jsonpath';
}
