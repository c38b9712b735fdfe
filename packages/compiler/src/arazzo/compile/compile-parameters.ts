import { definedOnly, isJsonObject, type PlanParameter, type Template } from '@toolplane/contracts';
import { parseTextTemplate } from '@toolplane/expressions';
import { headerNameProblem } from '../../http/header-name.ts';
import type { OpenApiOperation, OperationParameter } from '../../openapi/model.ts';
import type { Parameter, ParameterPlace } from '../model.ts';
import type { StepContext, WorkflowContext } from './context.ts';
import { declaredTypeOf } from './declared-inputs.ts';
import type { ExpressionLocation } from './expression-location.ts';
import { isNamed, type NameAndPlace } from './named-parameter.ts';
import { hooksFor, parseValue } from './parse-in-place.ts';

/** OpenAPI cannot declare parameters with these names, but a step may set them. */
const undeclarable = ['accept', 'content-type', 'authorization'];

/** Compiles what a step sends in path, query, headers and cookies, serialized as its operation declares. */
export function compileParameters(
  step: StepContext,
  operation: OpenApiOperation,
  context: WorkflowContext,
): PlanParameter[] {
  const parameters = step.parameters.flatMap((parameter): PlanParameter[] => {
    const { in: place } = parameter;
    if (place === undefined) return [];
    const name = nameOf(parameter, step, operation, context);
    if (place === 'header') checkHeader(parameter, step, context);
    const declared = findDeclared(operation, { name, in: place });
    if (declared === undefined) reportUndeclared(parameter, place, operation, context);
    const template = parseParameter(parameter, declared, { kind: 'request', step }, context);
    if (place === 'path' && !placeholdersOf(operation).includes(name)) return [];
    return [{ ...toPlanParameter(name, place, declared, template), ...asJson(parameter, declared, template, context) }];
  });
  checkQueryString(step, context);
  return parameters;
}

/** A value that is inserted into the text of a whole query stays one value of it. */
function parseParameter(
  { in: place, value }: Parameter,
  declared: OperationParameter | undefined,
  location: ExpressionLocation,
  context: WorkflowContext,
): Template {
  const isJson = /^[^;]*[/+]json\b/i.test(declared?.contentType ?? '');
  if (place !== 'querystring' || isJson || typeof value.value !== 'string') return parseValue(value, location, context);
  return parseTextTemplate(value.value, hooksFor(value, location, context), { escape: 'form' });
}

/** Reports required parameters that the step does not set. A path without its value can never be sent. */
export function checkMissing(
  given: PlanParameter[],
  step: StepContext,
  operation: OpenApiOperation,
  { report }: WorkflowContext,
): void {
  const { part, idempotency } = step.step;
  for (const name of placeholdersOf(operation)) {
    if (given.some((parameter) => isNamed(parameter, { name, in: 'path' }))) continue;
    const hint = `Add { name: ${name}, in: path, value: … } to its parameters.`;
    report('error', part, 'missing_parameter', `The path parameter "${name}" of ${operation.path} is missing`, hint);
  }
  for (const parameter of operation.parameters) {
    const { name, in: place, isRequired } = parameter;
    if (!isRequired || place === 'path' || given.some((each) => isNamed(each, parameter))) continue;
    const { header } = idempotency.idempotencyKey ?? {};
    if (header !== undefined && isNamed({ name: header, in: 'header' }, parameter)) continue;
    const hint = `Add { name: ${name}, in: ${place}, value: … } to its parameters.`;
    const message = `The operation requires "${name}" in ${place}, but the step does not send it`;
    report('warn', part, 'missing_parameter', message, hint);
  }
}

function placeholdersOf({ path }: OpenApiOperation): string[] {
  return Array.from(path.matchAll(/\{([^{}]+)\}/g), ([, name = '']) => name);
}

/** If the meaning is unambiguous, a path parameter may be written in another style: `pet_id` for `petId`. */
function nameOf(
  { name, in: place, part }: Parameter,
  { parameters }: StepContext,
  operation: OpenApiOperation,
  { report }: WorkflowContext,
): string {
  const placeholders = placeholdersOf(operation);
  if (place !== 'path' || placeholders.includes(name)) return name;
  const plain = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const meant = placeholders.filter((each) => {
    return plain(each) === plain(name) && !parameters.some((other) => other.in === 'path' && other.name === each);
  });
  const [only] = meant;
  if (only === undefined || meant.length > 1) return name;
  report('warn', part, 'similar_parameter', `This is taken for the path parameter "${only}"`, `Write name: ${only}.`);
  return only;
}

/** Reports a header that no request can have, or that contradicts what the step declares about the body. */
function checkHeader({ name, part, value }: Parameter, { step }: StepContext, { report }: WorkflowContext): void {
  const problem = headerNameProblem(name);
  if (problem !== undefined) report('error', part, problem.code, problem.message, problem.hint);
  const said = step.requestBody?.contentType;
  if (name.toLowerCase() !== 'content-type' || said === undefined || typeof value.value !== 'string') return;
  if (value.value.includes('$') || mediaTypeOf(value.value) === mediaTypeOf(said)) return;
  const hint = 'Remove the parameter: the contentType of the body is sent instead.';
  report('error', part, 'conflicting_content_type', `The body of this step declares the content type ${said}`, hint);
}

function mediaTypeOf(text: string): string {
  return text.replace(/;.*$/s, '').trim().toLowerCase();
}

function findDeclared(operation: OpenApiOperation, named: NameAndPlace): OperationParameter | undefined {
  return operation.parameters.find((parameter) => isNamed(parameter, named));
}

function toPlanParameter(
  name: string,
  place: ParameterPlace,
  declared: OperationParameter | undefined,
  value: Template,
): PlanParameter {
  const isForm = place !== 'path' && place !== 'header';
  const { style = isForm ? 'form' : 'simple', explode = style === 'form', contentType } = declared ?? {};
  return {
    name,
    in: place,
    style,
    explode,
    ...definedOnly({
      allowReserved: declared?.allowReserved || undefined,
      contentType,
      required: place === 'path' || declared?.isRequired || undefined,
    }),
    value,
  };
}

/** If the operation declares text but the value is a list or an object, it is sent as JSON. */
function asJson(
  { part }: Parameter,
  declared: OperationParameter | undefined,
  template: Template,
  { workflow, report }: WorkflowContext,
): { contentType?: string } {
  const type = isJsonObject(declared?.schema) ? declared.schema['type'] : undefined;
  if (type !== 'string' || declared?.contentType !== undefined || !isComposite(template, workflow.inputs)) return {};
  const hint = 'Pass a string, or correct the schema of the parameter.';
  report('warn', part, 'composite_as_text', 'The operation declares a string here: the value is sent as JSON', hint);
  return { contentType: 'application/json' };
}

function isComposite(template: Template, inputs: WorkflowContext['workflow']['inputs']): boolean {
  if (template.kind === 'list' || template.kind === 'map') return true;
  if (template.kind === 'literal') return typeof template.value === 'object' && template.value !== null;
  const type = template.kind === 'reference' ? declaredTypeOf(template.path, inputs) : undefined;
  return type === 'array' || type === 'object';
}

function reportUndeclared(
  { part, name }: Parameter,
  place: ParameterPlace,
  operation: OpenApiOperation,
  { document, report }: WorkflowContext,
): void {
  if (place === 'header' && undeclarable.includes(name.toLowerCase())) return;
  if (place === 'path' && placeholdersOf(operation).includes(name)) return;
  const elsewhere = operation.parameters.find((each) => each.name.toLowerCase() === name.toLowerCase());
  const names = operation.parameters.map((each) => `${each.name} (${each.in})`).join(', ');
  const hint =
    elsewhere === undefined ? `It has: ${names || 'none'}.` : `It has "${elsewhere.name}" in ${elsewhere.in}.`;
  const effect = place === 'path' ? 'it has no effect' : 'it is sent unchanged';
  const message = `The operation declares no parameter "${name}" in ${place}`;
  if (document.settings.strictParameters) report('error', part, 'undeclared_parameter', message, hint);
  else report('warn', part, 'undeclared_parameter', `${message}: ${effect}`, hint);
}

/** A parameter in `querystring` must be alone, because it is the whole query. */
function checkQueryString({ step, parameters }: StepContext, { report }: WorkflowContext): void {
  const whole = parameters.filter((parameter) => parameter.in === 'querystring');
  if (whole.length === 0 || whole.length + parameters.filter((each) => each.in === 'query').length === 1) return;
  const part = whole[0]?.part ?? step.part;
  const hint = 'Write the whole query in one parameter, or each parameter in "query".';
  report('error', part, 'querystring_not_alone', 'A parameter in "querystring" is the whole query', hint);
}
