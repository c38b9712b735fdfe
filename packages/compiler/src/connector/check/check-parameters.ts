import type { Part } from '../../document/part.ts';
import { headerNameProblem } from '../../http/header-name.ts';
import type { Parameter } from '../descriptor/operation-schema.ts';
import { typeOf } from '../descriptor/parameter-type.ts';
import type { Site } from './check-operations.ts';
import { checkValues } from './check-values.ts';
import { reportDuplicates } from './report-duplicates.ts';

export function checkParameters(site: Site): void {
  const { parameters } = site.operation;
  reportDuplicates(
    parameters.map(({ name }) => name),
    (name, index) => {
      const hint = 'Rename one of them; send_as keeps its name in the request.';
      placeOf(site, index).place('name').error('duplicate_parameter', `The parameter "${name}" exists twice`, hint);
    },
  );
  reportDuplicates(parameters.map(wireName), (_, index) => {
    const { name, send_as: sendAs = name, location } = parameters[index] as Parameter;
    if (parameters.some((each, other) => other < index && each.name === name)) return;
    const message = `Two parameters are sent as "${sendAs}" in ${location}`;
    placeOf(site, index).error('duplicate_parameter', message, 'Give one of them another send_as.');
  });
  for (const [index, parameter] of parameters.entries()) checkParameter(site, parameter, placeOf(site, index));
}

function placeOf({ draft, index }: Site, parameter: number): Part {
  return draft.at('operations', index, 'parameters', parameter);
}

function wireName({ name, send_as: sendAs = name, location }: Parameter): string {
  return `${location} ${location === 'header' ? sendAs.toLowerCase() : sendAs}`;
}

function checkParameter(site: Site, parameter: Parameter, part: Part): void {
  checkSchemaAlone(parameter, part);
  checkValues(parameter, part);
  checkStyle(site, parameter, part);
  if (parameter.location === 'header') checkHeader(site, parameter, part);
  if (parameter.location === 'query') checkQuery(site, parameter, part);
  if (parameter.hidden && parameter.default_value === undefined) {
    const hint = 'Write the value that is always sent.';
    part.error('missing_key', 'A hidden parameter needs "default_value"', hint);
  }
}

const replaced = ['field_type', 'items', 'enum', 'minimum', 'maximum', 'pattern', 'max_length'] as const;

function checkSchemaAlone(parameter: Parameter, part: Part): void {
  if (parameter.schema === undefined) return;
  for (const key of replaced) {
    if (parameter[key] === undefined) continue;
    part
      .place(key)
      .error('conflicting_key', `"schema" stands in place of "${key}"`, 'Keep one of them.', { at: 'key' });
  }
}

function checkHeader({ credentialHeaders }: Site, { name, send_as: sendAs }: Parameter, part: Part): void {
  const place = part.place(sendAs === undefined ? 'name' : 'send_as');
  const header = sendAs ?? name;
  const problem = headerNameProblem(header);
  if (problem !== undefined) place.error(problem.code, problem.message, problem.hint);
  if (credentialHeaders.has(header.toLowerCase())) {
    const hint = 'Credentials are no parameters: use auth_headers.';
    place.error('credential_header', `The header ${header} carries credentials`, hint);
  }
  if (header.toLowerCase() === 'content-type') {
    place.error('reserved_header', 'The content type of a body is no parameter', 'Write content_type: ….');
  }
}

function checkQuery({ credentials }: Site, { name, send_as: sendAs = name }: Parameter, part: Part): void {
  if (!credentials.query.some(([key]) => key === sendAs)) return;
  const message = `"${sendAs}" carries credentials in the query`;
  part.place('name').error('credential_query', message, 'Credentials are no parameters: keep it in auth_query.');
}

/** Only where there is a choice: lists in a query or a form. */
function checkStyle({ operation }: Site, parameter: Parameter, part: Part): void {
  const { style, location } = parameter;
  if (style === undefined) return;
  const place = part.place('style');
  const isForm = location === 'query' || (location === 'body' && operation.body_encoding !== 'json');
  if (typeOf(parameter) !== 'array') {
    place.error('not_for_type', 'Only an array has a style', 'Write field_type: array.');
  } else if (location === 'body' && !isForm) {
    place.error('not_for_location', 'A list in a JSON body is a list', 'Remove the style.');
  } else if (style === 'repeat' && !isForm) {
    place.error('not_for_location', `A list in ${location} cannot repeat`, 'Write style: comma.');
  }
}
