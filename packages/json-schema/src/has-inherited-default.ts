import { isJsonObject, type JsonObject } from '@toolplane/contracts';
import { subschemasOf } from './subschemas.ts';

/**
 * Returns true if a schema has a default for a property that every object inherits, such as `valueOf`: the library
 * would mistake the inherited property for a value.
 */
export function hasInheritedDefault(schema: JsonObject): boolean {
  const { properties } = schema;
  const members = isJsonObject(properties) ? Object.entries(properties) : [];
  const isInherited = members.some(([key, member]) => {
    return key in Object.prototype && isJsonObject(member) && member['default'] !== undefined;
  });
  return isInherited || subschemasOf(schema, '').some((inside) => hasInheritedDefault(inside.schema));
}
