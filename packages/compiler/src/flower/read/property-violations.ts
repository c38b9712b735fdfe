import { type JsonObject, pointerSegments } from '@toolplane/contracts';
import type { Validate } from '@toolplane/json-schema';

/**
 * Returns the violations of the properties of an object, with their names. Violations of the object as a whole are
 * omitted.
 */
export function propertyViolations(validate: Validate, value: JsonObject): { name: string; message: string }[] {
  const validated = validate(value);
  if (validated.ok) return [];
  return validated.violations.flatMap(({ path, message }) => {
    const [name] = pointerSegments(path);
    return name === undefined ? [] : [{ name, message }];
  });
}
