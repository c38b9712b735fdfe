import { isJsonObject } from '@toolplane/contracts';
import type { Part } from '../../document/part.ts';
import type { Parameter } from '../model.ts';
import { allowKeys } from './allow-keys.ts';
import { checkUnique } from './check-unique.ts';
import { findComponent, isReusable, type Reading } from './components.ts';
import { requiredText } from './text-member.ts';

const PARAMETERS_MAX = 200;

const PLACES = [
  ['path', 'query', 'header', 'cookie'],
  ['path', 'query', 'header', 'cookie', 'querystring'],
] as const;

/** The target of the parameters: those of an operation have a location, those of a workflow are its inputs. */
type Use = 'operation' | 'workflow' | 'either';

export function readParameters(part: Part | undefined, reading: Reading, use: Use): Parameter[] {
  const items = part?.items({ max: PARAMETERS_MAX, what: 'parameters', canBeEmpty: true }) ?? [];
  const parameters = items.flatMap((item) => readUsed(item, reading, use) ?? []);
  checkUnique(
    'duplicate_parameter',
    parameters.map((parameter) => ({
      key: toKey(parameter, use),
      part: parameter.part,
      message: `Duplicate parameter "${parameter.name}"`,
    })),
  );
  return parameters;
}

function readUsed(part: Part, reading: Reading, use: Use): Parameter | undefined {
  const isOwn = !isReusable(part);
  const parameter = isOwn ? readParameter(part, reading) : readReusable(part, reading);
  const place = isOwn ? part.member('in') : undefined;
  if (use === 'workflow') {
    place?.warn(
      'ignored_key',
      'A parameter of a workflow has no location: it is the input of this name',
      'Remove "in".',
    );
  }
  if (use === 'operation' && parameter !== undefined && parameter.in === undefined && place === undefined) {
    part.error(
      'missing_key',
      '"in" is missing',
      'A parameter of an operation says where it goes, for example in: query.',
    );
  }
  return parameter;
}

export function readParameter(part: Part, { minor }: Reading): Parameter | undefined {
  if (part.object() === undefined) return undefined;
  allowKeys(part, minor, ['name', 'in', 'value']);
  const name = requiredText(part, 'name')?.text();
  const place = part.member('in');
  const value = part.required('value');
  if (name === '') part.member('name')?.error('invalid_name', 'The name is empty', 'Write the name of a parameter.');
  if (minor === 1 && isJsonObject(value?.value) && !Object.hasOwn(value.value, 'selector')) {
    value.warn(
      'outside_schema',
      'By mistake, the official schema of 1.1 does not allow an object here',
      'No change is needed.',
    );
  }
  const where = place === undefined ? undefined : readPlace(place, minor);
  if (name === undefined || value === undefined) return undefined;
  return { part, name, value, ...(where === undefined ? {} : { in: where }) };
}

function readPlace(part: Part, minor: Reading['minor']): Parameter['in'] {
  if (minor === 1 && part.value === 'channel') {
    part.error('unsupported_asyncapi', 'AsyncAPI is not supported', 'Only operations of OpenAPI can be called.');
    return undefined;
  }
  return part.choice(PLACES[minor]);
}

function readReusable(part: Part, reading: Reading): Parameter | undefined {
  const component = findComponent(part, 'parameters', reading.components.parameters);
  const value = part.member('value') ?? component?.value;
  return component === undefined || value === undefined ? undefined : { ...component, part, value };
}

/** Names are case-sensitive, except those of headers. */
function toKey({ name, in: place }: Parameter, use: Use): string {
  if (use === 'workflow') return name;
  return `${place ?? ''} ${place === 'header' ? name.toLowerCase() : name}`;
}
