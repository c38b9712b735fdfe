import type { PlanRequest, Template } from '@toolplane/contracts';
import { parseJsonTemplate, parseTextTemplate } from '@toolplane/expressions';
import type { Part } from '../../document/part.ts';
import { type BodyKind, bodyKindOf } from '../../http/body-kind.ts';
import { chooseMediaType } from '../../openapi/choose-media-type.ts';
import type { OpenApiEncoding, OpenApiOperation } from '../../openapi/model.ts';
import type { RequestBody } from '../model.ts';
import { compileReplacements } from './compile-replacements.ts';
import type { StepContext, WorkflowContext } from './context.ts';
import type { ExpressionLocation } from './expression-location.ts';
import { hooksFor, parseValue } from './parse-in-place.ts';

export type CompiledBody = Pick<PlanRequest, 'body' | 'bodyType' | 'fields'> & { contentType?: string };

/** Compiles the body of a step's request, serialized for its media type. */
export function compileBody(step: StepContext, operation: OpenApiOperation, context: WorkflowContext): CompiledBody {
  const { requestBody, part } = step.step;
  if (requestBody === undefined || (requestBody.payload === undefined && requestBody.replacements.length === 0)) {
    if (operation.requestBody?.isRequired) {
      const hint = 'Add a requestBody with a payload.';
      context.report('error', requestBody?.part ?? part, 'missing_body', 'The operation requires a body', hint);
    }
    return {};
  }
  warnOfMethod(requestBody, operation, context);
  const wanted = requestBody.contentType ?? contentTypeHeaderOf(step);
  const media = chooseMediaType(operation.requestBody, wanted);
  const contentType = media?.contentType ?? guessContentType(requestBody.payload);
  const kind = bodyKindOf(contentType);
  const payload = compilePayload(requestBody, kind, { kind: 'request', step }, context);
  if (kind === 'base64') checkBytes(requestBody, payload, context);
  const body = compileReplacements(payload, requestBody, kind, step, context);
  const fields = kind === 'form' || kind === 'multipart' ? toFields(media?.encoding ?? {}) : {};
  return {
    contentType,
    body,
    bodyType: typeOfBody(kind, requestBody.payload, body),
    ...(Object.keys(fields).length === 0 ? {} : { fields }),
  };
}

function warnOfMethod(
  { part }: RequestBody,
  { method, requestBody }: OpenApiOperation,
  { report }: WorkflowContext,
): void {
  if (['GET', 'HEAD', 'DELETE'].includes(method)) {
    const hint = 'Many servers ignore or reject it: use parameters.';
    report('warn', part, 'body_without_meaning', `The body of a ${method} request has no defined meaning`, hint);
  } else if (requestBody === undefined) {
    const hint = 'It is sent anyway. Check that this is the intended operation.';
    report('warn', part, 'undeclared_body', 'The operation declares no body', hint);
  }
}

/** A step that sets the header itself thereby declares the type of its body. */
function contentTypeHeaderOf({ parameters }: StepContext): string | undefined {
  const header = parameters.find(({ in: place, name }) => place === 'header' && name.toLowerCase() === 'content-type');
  const value = header?.value.value;
  return typeof value === 'string' && /^[^\s$/]+\/[^\s$]+/.test(value) ? value : undefined;
}

/** Used if neither the step nor the operation declares a media type. */
function guessContentType(payload: Part | undefined): string {
  if (typeof payload?.value !== 'string' || /^\s*[{[]/.test(payload.value) || payload.value.startsWith('$')) {
    return 'application/json';
  }
  return payload.value.trimStart().startsWith('<') ? 'application/xml' : 'text/plain';
}

function compilePayload(
  requestBody: RequestBody,
  kind: BodyKind,
  location: ExpressionLocation,
  context: WorkflowContext,
): Template {
  const { payload, part } = requestBody;
  if (payload === undefined) return { kind: 'literal', value: kind === 'xml' ? '' : {} };
  const { value } = payload;
  if (typeof value !== 'string') {
    if (kind === 'base64' || (kind === 'xml' && typeof value === 'object')) {
      const hint = kind === 'xml' ? 'Write the XML as text.' : 'Write the bytes as base64 text.';
      context.report('error', payload, 'wrong_payload', 'A body of this media type must be text', hint);
    }
    return parseValue(payload, location, context);
  }
  const hooks = hooksFor(payload, location, context);
  switch (kind) {
    case 'json':
      return compileJsonText(payload, value, location, context);
    case 'xml':
      return parseTextTemplate(value, hooks, part.member('x-raw')?.value === true ? {} : { escape: 'xml' });
    case 'form':
      // A block of YAML ends with a line break, which is not part of the last value.
      return parseTextTemplate(value.trimEnd(), hooks, { escape: 'form' });
    case 'multipart':
      if (!value.startsWith('$')) {
        const hint = 'Write an object with a member for each field.';
        context.report('error', payload, 'wrong_payload', 'A body of this media type consists of fields', hint);
      }
      return parseTextTemplate(value, hooks);
    default:
      return parseTextTemplate(value, hooks);
  }
}

/** Compiles JSON text with expressions in it; any other text is the value itself. */
function compileJsonText(
  payload: Part,
  text: string,
  location: ExpressionLocation,
  context: WorkflowContext,
): Template {
  const hooks = hooksFor(payload, location, context);
  const template = parseJsonTemplate(text, hooks);
  if (template !== undefined) return template;
  if (!/^\s*[{[]/.test(text)) return parseTextTemplate(text, hooks);
  const hint = 'Look for a missing comma or quote, or write the payload as an object.';
  const message = 'This is not JSON, whatever values its expressions have: the step always fails';
  context.report('warn', payload, 'invalid_json_payload', message, hint);
  return NEVER;
}

/** Always fails at run time, since nothing in a run has this name. */
const NEVER: Template = { kind: 'text', parts: [{ path: ['outputs', '(payload that is not JSON)'] }], strict: true };

function typeOfBody(kind: BodyKind, payload: Part | undefined, body: Template): PlanRequest['bodyType'] {
  switch (kind) {
    case 'json':
      return 'json';
    case 'xml':
      return 'text';
    case 'form':
      // Text is already encoded; the value of an expression may be an object.
      return body.kind === 'text' || (typeof payload?.value === 'string' && body.kind === 'literal') ? 'text' : 'form';
    case 'text':
      return typeof payload?.value === 'object' ? 'json' : 'text';
    case 'base64':
      return isMixed(body) ? 'text' : kind;
    default:
      return kind;
  }
}

/** Text around a value cannot be base64, whatever the value is: it is sent as text. */
function isMixed(template: Template): boolean {
  return template.kind === 'text' && template.parts.length > 1;
}

/** Checks a binary body that the document itself contains. */
function checkBytes({ payload }: RequestBody, template: Template, { report }: WorkflowContext): void {
  if (payload === undefined || template.kind !== 'literal' || typeof template.value !== 'string') return;
  const digits = template.value
    .trim()
    .replace(/\r?\n[ \t]*/g, '')
    .replace(/={0,2}$/, '');
  // One digit more than a complete group encodes no byte.
  if (/^[\w+/-]*$/.test(digits) && digits.length % 4 !== 1) return;
  const hint = 'Write the bytes as base64, or choose a contentType for text.';
  report('error', payload, 'wrong_payload', 'A body of this media type is binary, and this text is not base64', hint);
}

function toFields(encodings: Record<string, OpenApiEncoding>): NonNullable<PlanRequest['fields']> {
  return Object.fromEntries(
    Object.entries(encodings).map(([name, { allowReserved, ...encoding }]) => {
      return [name, { ...encoding, ...(allowReserved ? { allowReserved } : {}) }];
    }),
  );
}
