import type { Part } from '../../document/part.ts';
import { headerNameProblem } from '../../http/header-name.ts';
import type { Parameter } from '../descriptor/operation-schema.ts';
import { typeOf } from '../descriptor/parameter-type.ts';
import { wireName } from '../descriptor/wire-name.ts';
import { checkHidden } from './check-hidden.ts';
import { checkValues } from './check-values.ts';
import { isReadAs } from './is-read-as.ts';
import type { OperationContext } from './operation-context.ts';
import { reportDuplicates } from './report-duplicates.ts';

export function checkParameters(context: OperationContext): void {
  const { parameters } = context.operation;
  reportDuplicates(
    parameters.map(({ name }) => name),
    (name, index) => {
      const hint = 'Rename one of them; send_as keeps its name in the request.';
      placeOf(context, index).place('name').error('duplicate_parameter', `Duplicate parameter "${name}"`, hint);
    },
  );
  reportDuplicates(parameters.map(wireKey), (_, index) => {
    const parameter = parameters[index] as Parameter;
    // Two parameters of the same name are already reported.
    if (parameters.some(({ name }, other) => other < index && name === parameter.name)) return;
    const message = `Two parameters are sent as "${wireName(parameter)}" in ${parameter.location}`;
    placeOf(context, index).error('duplicate_parameter', message, 'Give one of them a different send_as.');
  });
  for (const [index, parameter] of parameters.entries()) checkParameter(context, parameter, placeOf(context, index));
  checkHidden(context);
}

function placeOf({ draft, index }: OperationContext, parameter: number): Part {
  return draft.at('operations', index, 'parameters', parameter);
}

/** Returns the location of the name that is sent. */
export function nameOf(part: Part, { send_as: sendAs }: Parameter): Part {
  return part.place(sendAs === undefined ? 'name' : 'send_as');
}

/** Returns the same key for parameters that the server cannot distinguish. */
function wireKey(parameter: Parameter): string {
  const name = wireName(parameter);
  return `${parameter.location} ${parameter.location === 'header' ? headerKey(name) : name}`;
}

function checkParameter(context: OperationContext, parameter: Parameter, part: Part): void {
  checkSchemaAlone(parameter, part);
  checkValues(parameter, part);
  checkStyle(context, parameter, part);
  if (parameter.location === 'header') checkHeader(context, parameter, part);
  if (parameter.location === 'query') checkQuery(context, parameter, part);
}

const replaced = ['field_type', 'items', 'enum', 'minimum', 'maximum', 'pattern', 'max_length'] as const;

function checkSchemaAlone(parameter: Parameter, part: Part): void {
  if (parameter.schema === undefined) return;
  for (const key of replaced) {
    if (parameter[key] === undefined) continue;
    part.place(key).error('conflicting_key', `"schema" already replaces "${key}"`, 'Keep one of them.', { at: 'key' });
  }
}

/** Many servers treat `_` like `-`. */
export function headerKey(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}

function checkHeader({ credentialHeaders }: OperationContext, parameter: Parameter, part: Part): void {
  const place = nameOf(part, parameter);
  const header = wireName(parameter);
  const problem = headerNameProblem(header);
  if (problem !== undefined) place.error(problem.code, problem.message, problem.hint);
  if (credentialHeaders.has(headerKey(header))) {
    const hint = 'Credentials are not parameters: use auth_headers.';
    place.error('credential_header', `The header ${header} carries credentials`, hint);
  }
  if (header.toLowerCase() === 'content-type') {
    place.error('reserved_header', 'The content type of a body is not a parameter', 'Write content_type: ….');
  }
}

function checkQuery({ credentials }: OperationContext, parameter: Parameter, part: Part): void {
  const name = wireName(parameter);
  if (!credentials.query.some(([key]) => isReadAs(name, key))) return;
  const hint = 'Credentials are not parameters: keep it in auth_query.';
  nameOf(part, parameter).error('credential_query', `"${name}" carries credentials in the query`, hint);
}

/** A style is allowed only where a choice exists: for lists in a query or a form. */
function checkStyle({ operation }: OperationContext, parameter: Parameter, part: Part): void {
  const { style, location } = parameter;
  if (style === undefined) return;
  const place = part.place('style');
  const isForm = location === 'query' || (location === 'body' && operation.body_encoding === 'form');
  if (typeOf(parameter) !== 'array') {
    place.error('not_for_type', 'Only an array can have a style', 'Write field_type: array.');
  } else if (location === 'body' && !isForm) {
    const message = `A list in a body with the encoding ${operation.body_encoding} cannot have a style`;
    place.error('not_for_location', message, 'Remove the style.');
  } else if (style === 'repeat' && !isForm) {
    place.error('not_for_location', `A list in ${location} cannot repeat`, 'Write style: comma.');
  }
}
