import { type JsonObject, pointerSegments } from '@toolplane/contracts';
import type { Validate } from '@toolplane/json-schema';

/** Those of the properties of an object, by their names; what the object breaks as a whole is left out. */
export function propertyViolations(validate: Validate, value: JsonObject): { name: string; message: string }[] {
  const validated = validate(value);
  if (validated.ok) return [];
  return validated.violations.flatMap(({ path, message }) => {
    const [name] = pointerSegments(path);
    return name === undefined ? [] : [{ name, message }];
  });
}
