import { appendPointer, isJsonObject, type Json, type JsonObject, pointerSegments } from '@toolplane/contracts';
import { looksLikeCredential } from './looks-like-credential.ts';
import type { PlacedTool } from './placed-tool.ts';

export function checkInputs({ inputSchema, warn }: PlacedTool): void {
  const { properties, required } = inputSchema;
  if (!isJsonObject(properties)) return;
  for (const [name, schema] of Object.entries(properties)) {
    const pointer = appendPointer('/inputSchema/properties', name);
    if (Array.isArray(required) && required.includes(name) && !isDescribed(schema, inputSchema)) {
      const hint = 'Describe what it is and how it is written.';
      warn(pointer, 'undocumented_input', `The required input "${name}" has no description`, hint);
    }
  }
  warnOfCredentials(inputSchema, '/inputSchema', warn);
}

export const CREDENTIAL_HINT = 'Store it as a secret ($secrets.NAME): an input passes through the chat.';

const maps = ['properties', 'patternProperties', '$defs', 'definitions'];
const others = ['items', 'prefixItems', 'allOf', 'anyOf', 'oneOf', 'additionalProperties'];

/** Searches at any depth: a credential may also be inside an object. */
function warnOfCredentials(schema: Json, at: string, warn: PlacedTool['warn']): void {
  if (!isJsonObject(schema)) return;
  for (const [keyword, value] of Object.entries(schema)) {
    const inside = appendPointer(at, keyword);
    if (maps.includes(keyword) && isJsonObject(value)) {
      for (const [name, member] of Object.entries(value)) {
        const pointer = appendPointer(inside, name);
        if (keyword === 'properties' && looksLikeCredential(name, member)) {
          warn(pointer, 'credential_input', `The input "${name}" looks like a credential`, CREDENTIAL_HINT);
        }
        warnOfCredentials(member, pointer, warn);
      }
    } else if (others.includes(keyword)) {
      const schemas = Array.isArray(value) ? value : [value];
      for (const [index, member] of schemas.entries()) {
        warnOfCredentials(member, Array.isArray(value) ? appendPointer(inside, index) : inside, warn);
      }
    }
  }
}

/** Returns true if the description is in the schema or in the definition to which it refers. */
function isDescribed(schema: Json, root: JsonObject): boolean {
  if (!isJsonObject(schema)) return false;
  const { description, $ref: reference } = schema;
  if (typeof description === 'string' && description.trim() !== '') return true;
  if (typeof reference !== 'string' || !reference.startsWith('#/')) return false;
  const definition = pointerSegments(reference.slice(1)).reduce<Json | undefined>((inside, segment) => {
    return isJsonObject(inside) && Object.hasOwn(inside, segment) ? inside[segment] : undefined;
  }, root);
  return isJsonObject(definition) && typeof definition['description'] === 'string';
}
