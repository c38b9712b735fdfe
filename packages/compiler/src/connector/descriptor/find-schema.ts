import { isJsonObject, type Json, type JsonObject } from '@toolplane/contracts';
import { connectorSchemaJson } from './connector-schema-json.ts';

/** The schema of a location: that of its value, and whether the surrounding object requires it. */
export type SchemaLocation = { schema: JsonObject; isRequired: boolean };

/**
 * Descends through a descriptor and its JSON Schema together. For a missing value, returns the schema that it would
 * have to match.
 */
export function findSchema(path: readonly PropertyKey[], root: Json): SchemaLocation {
  const { schema, value, isRequired } = descend(path, root);
  return { schema: chooseAlternative(schema, value ?? null), isRequired };
}

/** Returns the shapes that a location can have, if there are several. */
export function findAlternatives(path: readonly PropertyKey[], root: Json): JsonObject[] {
  return alternativesOf(descend(path, root).schema);
}

function descend(path: readonly PropertyKey[], root: Json): SchemaLocation & { value: Json | undefined } {
  let value: Json | undefined = root;
  let schema = connectorSchemaJson();
  let isRequired = true;
  for (const segment of path) {
    const around = chooseAlternative(schema, value ?? null);
    const { required } = around;
    isRequired = typeof segment === 'number' || (Array.isArray(required) && required.includes(String(segment)));
    schema = schemaInside(around, segment);
    value = valueInside(value, segment);
  }
  return { schema, value, isRequired };
}

export function valueInside(value: Json | undefined, segment: PropertyKey): Json | undefined {
  if (Array.isArray(value)) return value[Number(segment)];
  const key = String(segment);
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function schemaInside({ properties, items, additionalProperties }: JsonObject, segment: PropertyKey): JsonObject {
  const member = isJsonObject(properties) ? properties[String(segment)] : undefined;
  const inside = typeof segment === 'number' ? items : (member ?? additionalProperties);
  return isJsonObject(inside) ? inside : {};
}

/** Chooses the intended one of several shapes: by the type that the author wrote, or by the kind of the value. */
function chooseAlternative(schema: JsonObject, value: Json): JsonObject {
  const alternatives = alternativesOf(schema);
  const meant = isJsonObject(value)
    ? alternatives.find((one) => constOf(one, 'type') === value['type'])
    : alternatives.find(({ type }) => (type === 'array') === Array.isArray(value));
  return meant ?? alternatives[0] ?? schema;
}

function alternativesOf({ oneOf, anyOf }: JsonObject): JsonObject[] {
  return [oneOf, anyOf].filter(Array.isArray).flat().filter(isJsonObject);
}

function constOf({ properties }: JsonObject, key: string): Json | undefined {
  const member = isJsonObject(properties) ? properties[key] : undefined;
  return isJsonObject(member) ? member['const'] : undefined;
}
