import { appendPointer, definedOnly, isJsonObject, type Json, type JsonObject } from '@toolplane/contracts';
import { toDialect } from '@toolplane/json-schema';
import type { RouteMapping } from '../descriptor/mcp-config-schema.ts';
import type { Operation, Parameter } from '../descriptor/operation-schema.ts';

/** Returns the schema that the model fills in: the parameters that are not hidden, by their names in the tool. */
export function toInputSchema(operation: Operation, mapping: RouteMapping): JsonObject {
  const visible = visibleParameters(operation, mapping);
  const required = visible.filter(({ parameter }) => isRequired(parameter)).map(({ name }) => name);
  const schema: JsonObject = {
    type: 'object',
    properties: Object.fromEntries(visible.map(({ name, parameter }) => [name, toProperty(name, parameter)])),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
  return isSimple(operation) ? schema : toDialect(schema);
}

/**
 * True if the schema consists only of keywords that have all been checked individually: no other check can find more.
 */
export function isSimple({ parameters }: Operation): boolean {
  return parameters.every(({ schema, items, pattern }) => {
    return schema === undefined && items === undefined && pattern === undefined;
  });
}

export function visibleParameters(
  { parameters }: Operation,
  mapping: Pick<RouteMapping, 'parameter_mappings'>,
): { name: string; parameter: Parameter; index: number }[] {
  return parameters.flatMap((parameter, index) => {
    return parameter.hidden ? [] : [{ name: inputName(parameter, mapping), parameter, index }];
  });
}

export function inputName(
  { name }: Parameter,
  { parameter_mappings: mappings }: Pick<RouteMapping, 'parameter_mappings'>,
): string {
  return Object.hasOwn(mappings, name) ? (mappings[name] ?? name) : name;
}

/** A default replaces a missing value, so the input is not required. */
function isRequired({ required, location, default_value: value }: Parameter): boolean {
  return (required === true || location === 'path') && value === undefined;
}

function toProperty(name: string, parameter: Parameter): JsonObject {
  const { schema, description, default_value: value } = parameter;
  const at = appendPointer('#/properties', name);
  return {
    ...notEmpty(parameter, schema === undefined ? fromKeywords(parameter, at) : moveReferences(schema, at)),
    ...definedOnly({ description, default: value }),
  };
}

/** With an empty text, a segment of the path would be missing, and the URL would be a different one. */
function notEmpty({ location }: Parameter, schema: Json): JsonObject {
  const written = isJsonObject(schema) ? schema : {};
  const isOpen = written['type'] === 'string' && written['minLength'] === undefined && written['enum'] === undefined;
  return location === 'path' && isOpen ? { ...written, minLength: 1 } : written;
}

function fromKeywords(parameter: Parameter, at: string): JsonObject {
  const { field_type: type = 'string', minimum, maximum, pattern, items } = parameter;
  return definedOnly({
    type,
    enum: parameter.enum,
    minimum,
    maximum,
    pattern,
    maxLength: parameter.max_length,
    items: items === undefined ? undefined : moveReferences(items, `${at}/items`),
  });
}

/** Keywords whose members are named by the author, and keywords that contain values instead of schemas. */
const named = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas', 'dependencies'];
const values = ['default', 'const', 'enum', 'examples', 'example'];

/** `#` refers to the schema of the parameter where it is written, but to the schema of all inputs where it is used. */
function moveReferences(schema: Json, to: string): Json {
  if (Array.isArray(schema)) return schema.map((item) => moveReferences(item, to));
  if (!isJsonObject(schema)) return schema;
  const entries = Object.entries(schema).map(([keyword, value]): [string, Json] => {
    if (keyword === '$ref' && typeof value === 'string' && /^#(?:\/|$)/.test(value)) {
      return [keyword, encodeFragment(to) + value.slice(1)];
    }
    if (values.includes(keyword)) return [keyword, value];
    if (!named.includes(keyword) || !isJsonObject(value)) return [keyword, moveReferences(value, to)];
    const members = Object.entries(value).map(([name, member]): [string, Json] => [name, moveReferences(member, to)]);
    return [keyword, Object.fromEntries(members)];
  });
  return Object.fromEntries(entries);
}

function encodeFragment(pointer: string): string {
  return `#${encodeURI(pointer.slice(1))}`;
}
