import type { Json, JsonObject } from '@toolplane/contracts';

/**
 * If a call fails before it reaches an external server, the structured content is our error. Clients validate this
 * content too, so the schema accepts both. References to the root of the schema are adapted to its new position.
 */
export function openOutputSchema(schema: JsonObject): JsonObject {
  return {
    type: 'object',
    anyOf: [moveReferences(schema) as JsonObject, { required: ['code', 'message', 'outcome'] }],
  };
}

function moveReferences(value: Json): Json {
  if (Array.isArray(value)) return value.map(moveReferences);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      key === '$ref' ? moveReference(member) : moveReferences(member),
    ]),
  );
}

function moveReference(reference: Json): Json {
  if (typeof reference !== 'string' || !/^#(?:\/|$)/.test(reference)) return moveReferences(reference);
  return `#/anyOf/0${reference.slice(1)}`;
}
