import { appendPointer, type Json, type JsonObject, pointerSegments } from '@toolplane/contracts';
import type { PlacedTool } from './check-tools.ts';
import { looksLikeCredential } from './looks-like-credential.ts';

export function checkInputs({ inputSchema, warn }: PlacedTool): void {
  const { properties, required } = inputSchema;
  if (!isObject(properties)) return;
  for (const [name, schema] of Object.entries(properties)) {
    const pointer = appendPointer('/inputSchema/properties', name);
    if (Array.isArray(required) && required.includes(name) && !isDescribed(schema, inputSchema)) {
      const hint = 'Describe what it is and how it is written.';
      warn(pointer, 'undocumented_input', `The required input "${name}" has no description`, hint);
    }
    if (looksLikeCredential(name, schema)) {
      const hint = 'Store it as a secret ($secrets.NAME); what is an input passes through the chat.';
      warn(pointer, 'credential_input', `The input "${name}" looks like a credential`, hint);
    }
  }
}

/** Here or in the definition that it refers to. */
function isDescribed(schema: Json, root: JsonObject): boolean {
  if (!isObject(schema)) return false;
  const { description, $ref: reference } = schema;
  if (typeof description === 'string' && description.trim() !== '') return true;
  if (typeof reference !== 'string' || !reference.startsWith('#/')) return false;
  const definition = pointerSegments(reference.slice(1)).reduce<Json | undefined>((inside, segment) => {
    return isObject(inside) && Object.hasOwn(inside, segment) ? inside[segment] : undefined;
  }, root);
  return isObject(definition) && typeof definition['description'] === 'string';
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
