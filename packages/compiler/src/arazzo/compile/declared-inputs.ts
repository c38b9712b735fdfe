import { isJsonObject, type Json, type JsonObject } from '@toolplane/contracts';

/** Keywords that allow members that no `properties` names. */
const openers = ['patternProperties', 'if', 'dependentSchemas', 'dependencies', '$ref', '$dynamicRef'];
const combiners = ['allOf', 'anyOf', 'oneOf'];

/** Returns the names of the inputs that a schema declares; an open schema allows others. */
export function declaredInputs(schema: JsonObject | undefined): { names: string[]; isOpen: boolean } {
  if (schema === undefined) return { names: [], isOpen: false };
  const { properties } = schema;
  const parts = combiners.flatMap((keyword) => toList(schema[keyword])).map(declaredInputs);
  const names = isJsonObject(properties) ? Object.keys(properties) : [];
  const isOpen =
    openers.some((keyword) => schema[keyword] !== undefined) ||
    ['additionalProperties', 'unevaluatedProperties'].some(
      (keyword) => schema[keyword] === true || isJsonObject(schema[keyword]),
    ) ||
    parts.some((part) => part.isOpen);
  return { names: [...new Set([...names, ...parts.flatMap((part) => part.names)])], isOpen };
}

/** Returns the inputs that a call must set, because the schema has no default for them. */
export function requiredInputs({ required, properties }: JsonObject): string[] {
  const names = Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
  return names.filter((name) => {
    const schema = isJsonObject(properties) ? properties[name] : undefined;
    return !(isJsonObject(schema) && schema['default'] !== undefined);
  });
}

/** Returns the type that a schema declares for the input at a path of the scope, if any. */
export function declaredTypeOf([root, ...path]: string[], schema: JsonObject | undefined): string | undefined {
  if (root !== 'inputs' || schema === undefined) return undefined;
  const found = path.reduce<Json | undefined>((inside, name) => {
    const properties = isJsonObject(inside) ? inside['properties'] : undefined;
    return isJsonObject(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined;
  }, schema);
  const type = isJsonObject(found) ? found['type'] : undefined;
  return typeof type === 'string' ? type : undefined;
}

function toList(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}
