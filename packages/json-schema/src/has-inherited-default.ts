import { isJsonObject, type JsonObject } from '@toolplane/contracts';
import { subschemasOf } from './subschemas.ts';

/**
 * A default for a property that every object has already, such as `valueOf`: the library would take that for a value.
 */
export function hasInheritedDefault(schema: JsonObject): boolean {
  const { properties } = schema;
  const members = isJsonObject(properties) ? Object.entries(properties) : [];
  const isInherited = members.some(([key, member]) => {
    return key in Object.prototype && isJsonObject(member) && member['default'] !== undefined;
  });
  return isInherited || subschemasOf(schema, '').some((inside) => hasInheritedDefault(inside.schema));
}
