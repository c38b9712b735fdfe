import { definedOnly, type JsonObject } from '@toolplane/contracts';
import type { Operation, Parameter } from '../descriptor/operation-schema.ts';
import { isDeep } from '../descriptor/parameter-type.ts';
import { wireName } from '../descriptor/wire-name.ts';

const mediaTypes = {
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
  multipart: 'multipart/form-data',
} as const;

export function toParameters(
  { parameters }: Operation,
  query: { name: string; value?: string }[],
): { parameters?: JsonObject[] } {
  const fixed = query.map(({ name, value }) => {
    return {
      name,
      in: 'query',
      required: true,
      schema: { type: 'string', ...(value === undefined ? {} : { const: value }) },
    };
  });
  const declared = parameters.filter(({ location }) => location !== 'body').map(toParameter);
  const all = [...declared, ...fixed];
  return all.length === 0 ? {} : { parameters: all };
}

function toParameter(parameter: Parameter): JsonObject {
  const { location, description } = parameter;
  return {
    name: wireName(parameter),
    in: location,
    ...definedOnly({ required: isRequired(parameter) || undefined, description }),
    ...styleOf(parameter),
    schema: toSchema(parameter),
  };
}

/** Returns the style if it differs from OpenAPI's default. */
function styleOf(parameter: Parameter): JsonObject {
  if (parameter.location !== 'query') return {};
  if (isDeep(parameter)) return { style: 'deepObject', explode: true };
  return parameter.style === 'comma' ? { style: 'form', explode: false } : {};
}

export function toRequestBody(operation: Operation): { requestBody?: JsonObject } {
  const { parameters, body_root: root, body_encoding: encoding, content_type: contentType } = operation;
  const body = parameters.filter(({ location }) => location === 'body');
  if (body.length === 0) return {};
  const whole = body.find(({ name }) => name === root);
  const schema = whole === undefined ? toObject(body) : { ...describe(whole), ...toSchema(whole) };
  const fields = whole === undefined && encoding === 'form' ? encodingsOf(body) : {};
  const media = { schema, ...(Object.keys(fields).length === 0 ? {} : { encoding: fields }) };
  return {
    requestBody: {
      ...(body.some(isRequired) ? { required: true } : {}),
      content: { [contentType ?? mediaTypes[encoding]]: media },
    },
  };
}

type Members = { schema?: JsonObject; required: Set<string>; inside: Map<string, Members> };

/** Dots denote nesting. */
function toObject(body: readonly Parameter[]): JsonObject {
  const root: Members = { required: new Set(), inside: new Map() };
  for (const parameter of body) {
    let members = root;
    for (const key of wireName(parameter).split('.')) {
      if (isRequired(parameter)) members.required.add(key);
      const inside = members.inside.get(key) ?? { required: new Set(), inside: new Map() };
      members.inside.set(key, inside);
      members = inside;
    }
    members.schema = { ...describe(parameter), ...toSchema(parameter) };
  }
  return write(root);
}

function write({ schema, required, inside }: Members): JsonObject {
  if (schema !== undefined) return schema;
  return {
    type: 'object',
    properties: Object.fromEntries([...inside].map(([key, members]) => [key, write(members)])),
    ...(required.size === 0 ? {} : { required: [...required] }),
  };
}

function encodingsOf(body: readonly Parameter[]): Record<string, JsonObject> {
  return Object.fromEntries(
    body.flatMap((parameter): [string, JsonObject][] => {
      const [field = '', ...deeper] = wireName(parameter).split('.');
      if (deeper.length > 0 || isDeep(parameter)) return [[field, { style: 'deepObject', explode: true }]];
      return parameter.style === 'comma' ? [[field, { style: 'form', explode: false }]] : [];
    }),
  );
}

/** A hidden parameter always has its one value. */
function toSchema(parameter: Parameter): JsonObject {
  const { schema, field_type: type = 'string', items, default_value: value, hidden } = parameter;
  const { enum: values, minimum, maximum, pattern, max_length: maxLength } = parameter;
  const limits = { items, enum: values, minimum, maximum, pattern, maxLength };
  const written = schema ?? { type, ...definedOnly(limits) };
  if (value === undefined) return written;
  return hidden
    ? { ...(written['type'] === undefined ? {} : { type: written['type'] }), const: value }
    : { ...written, default: value };
}

function describe({ description }: Parameter): JsonObject {
  return description === undefined ? {} : { description };
}

function isRequired({ required, location, hidden }: Parameter): boolean {
  return required === true || location === 'path' || hidden === true;
}
