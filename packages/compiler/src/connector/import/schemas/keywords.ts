import { definedOnly, isJsonObject, type Json, type JsonObject } from '@toolplane/contracts';

type Writing = {
  write(schema: Json): Json;
  /** Returns true for a property that only responses have. */
  isReadOnly(schema: Json): boolean;
  isUsable(pattern: string): boolean;
  spend(size: number): void;
};

const ENUM_SIZE_MAX = 8000;
const EXAMPLE_LENGTH_MAX = 100;
const EXAMPLES_MAX = 2;

const isCount = (value: Json) => Number.isInteger(value) && (value as number) >= 0;
const isNumber = (value: Json) => typeof value === 'number';
const isText = (value: Json) => typeof value === 'string';
const isFlag = (value: Json) => typeof value === 'boolean';

/**
 * Keywords that are copied unchanged if their values are valid; many documents have invalid values, which would break
 * the schema.
 */
const plain: Readonly<Record<string, (value: Json) => boolean>> = {
  format: isText,
  contentEncoding: isText,
  contentMediaType: isText,
  const: () => true,
  multipleOf: (value) => typeof value === 'number' && value > 0,
  maxLength: isCount,
  minLength: isCount,
  maxItems: isCount,
  minItems: isCount,
  maxProperties: isCount,
  minProperties: isCount,
  uniqueItems: isFlag,
  deprecated: (value) => value === true,
};

/** Converts the keywords of a schema, except its type and description, to JSON Schema 2020-12. */
export function copyKeywords(schema: JsonObject, writing: Writing): JsonObject {
  const copied: JsonObject = {};
  for (const [keyword, isRight] of Object.entries(plain)) {
    const value = schema[keyword];
    if (value !== undefined && isRight(value)) copied[keyword] = value;
  }
  const { pattern } = schema;
  if (typeof pattern === 'string' && writing.isUsable(pattern)) copied['pattern'] = pattern;
  Object.assign(copied, copyValues(schema), copyBounds(schema));
  writing.spend(JSON.stringify(copied).length);
  return { ...copied, ...copyInner(schema, writing) };
}

function copyValues({ enum: values, example, examples }: JsonObject): JsonObject {
  const isEnum = Array.isArray(values) && values.length > 0 && JSON.stringify(values).length <= ENUM_SIZE_MAX;
  const shown = (Array.isArray(examples) ? examples : [example ?? null]).filter(
    (each) => each !== null && JSON.stringify(each).length <= EXAMPLE_LENGTH_MAX,
  );
  return definedOnly({
    enum: isEnum ? [...new Set(values)] : undefined,
    examples: shown.length === 0 || isEnum ? undefined : shown.slice(0, EXAMPLES_MAX),
  });
}

/** In OpenAPI 3.0, an exclusive bound is a boolean beside the bound. */
function copyBounds(schema: JsonObject): JsonObject {
  const bounds: JsonObject = {};
  for (const [inclusive, exclusive] of [
    ['minimum', 'exclusiveMinimum'],
    ['maximum', 'exclusiveMaximum'],
  ] as const) {
    const { [inclusive]: bound, [exclusive]: mark } = schema;
    if (bound !== undefined && isNumber(bound)) bounds[mark === true ? exclusive : inclusive] = bound;
    if (mark !== undefined && isNumber(mark)) bounds[exclusive] = mark;
  }
  return bounds;
}

function copyInner(schema: JsonObject, writing: Writing): JsonObject {
  const { items, additionalProperties, patternProperties, propertyNames, properties, required } = schema;
  const { allOf, anyOf, oneOf } = schema;
  const inner: JsonObject = {};
  const readOnly = new Set<string>();
  if (isJsonObject(properties)) {
    const kept: [string, Json][] = [];
    for (const [name, property] of Object.entries(properties)) {
      if (writing.isReadOnly(property)) {
        readOnly.add(name);
        continue;
      }
      writing.spend(name.length);
      kept.push([name, writing.write(property)]);
    }
    inner['properties'] = Object.fromEntries(kept);
  }
  if (Array.isArray(required)) {
    const names = required.filter((name) => typeof name === 'string' && !readOnly.has(name));
    if (names.length > 0) inner['required'] = [...new Set(names)];
  }
  // `patternProperties` is omitted: without it, `additionalProperties` would also apply to the members that it allows.
  const isAlone = !isJsonObject(patternProperties);
  if (isAlone && isSchema(additionalProperties)) inner['additionalProperties'] = writing.write(additionalProperties);
  if (isSchema(propertyNames)) inner['propertyNames'] = writing.write(propertyNames);
  const tuple = Array.isArray(items) ? items : schema['prefixItems'];
  if (Array.isArray(tuple) && tuple.length > 0) inner['prefixItems'] = tuple.map(writing.write);
  if (isSchema(items)) inner['items'] = writing.write(items);
  if (isList(allOf)) inner['allOf'] = allOf.map(writing.write);
  const alternatives = [anyOf, oneOf].find(isList);
  if (alternatives !== undefined) inner['anyOf'] = alternatives.map(writing.write);
  return inner;
}

function isSchema(value: Json | undefined): value is JsonObject | boolean {
  return isJsonObject(value) || typeof value === 'boolean';
}

function isList(value: Json | undefined): value is Json[] {
  return Array.isArray(value) && value.length > 0;
}
