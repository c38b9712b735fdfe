import { isJsonObject, type Json, type JsonObject } from '@toolplane/contracts';
import type { SchemaWriter } from './write-schema.ts';

/** The properties of an object that always has the same form. */
export type ObjectShape = {
  properties: Map<string, Json>;
  required: Set<string>;
  /** True if the schema declares that further properties are allowed. */
  isOpen: boolean;
};

const MEMBERS_MAX = 50;
/** An alternative with only these keywords requires properties that are already described. */
const demands = ['required', 'title', 'description', 'type'];

/**
 * Returns undefined if the schema is not an object or allows several kinds of objects: its properties cannot be listed
 * individually. `allOf` is merged; alternatives that differ only in what they require are ignored.
 */
export function objectShape(schema: Json | undefined, schemas: SchemaWriter): ObjectShape | undefined {
  const shape: ObjectShape = { properties: new Map(), required: new Set(), isOpen: false };
  let membersLeft = MEMBERS_MAX;
  if (!collect(schemas.resolve(schema))) return undefined;
  for (const name of shape.required) if (!shape.properties.has(name)) shape.required.delete(name);
  return shape;

  function collect(member: JsonObject): boolean {
    membersLeft -= 1;
    const { type, properties, required, additionalProperties, patternProperties, discriminator } = member;
    const { allOf, anyOf, oneOf } = member;
    const types = [type ?? 'object'].flat().filter((name) => name !== 'null');
    if (membersLeft < 0 || types.some((name) => name !== 'object') || isJsonObject(discriminator)) return false;
    if (member['enum'] !== undefined || member['const'] !== undefined) return false;
    if (![anyOf, oneOf].every((alternatives) => onlyDemands(alternatives))) return false;
    const allowed = [additionalProperties, patternProperties];
    if (allowed.some((each) => isJsonObject(each) || each === true)) shape.isOpen = true;
    if (isJsonObject(properties)) for (const [name, property] of Object.entries(properties)) add(name, property);
    if (Array.isArray(required)) for (const name of required) if (typeof name === 'string') shape.required.add(name);
    return !Array.isArray(allOf) || allOf.every((each) => collect(schemas.resolve(each)));
  }

  function onlyDemands(alternatives: Json | undefined): boolean {
    if (!Array.isArray(alternatives)) return true;
    return alternatives.every((each) => Object.keys(schemas.resolve(each)).every((key) => demands.includes(key)));
  }

  function add(name: string, property: Json): void {
    const known = shape.properties.get(name);
    if (schemas.resolve(property)['readOnly'] === true) {
      if (known === undefined) shape.required.delete(name);
      return;
    }
    shape.properties.set(name, known === undefined ? property : { allOf: [known, property] });
  }
}
