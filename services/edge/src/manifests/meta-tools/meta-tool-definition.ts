import type { JsonObject, Tool } from '@toolplane/contracts';

/** The parts of a meta tool that clients and models see. */
export type MetaToolDefinition = Required<
  Pick<Tool, 'name' | 'title' | 'description' | 'inputSchema' | 'annotations'>
> & {
  outputSchema: JsonObject;
};

export const slugSchema: JsonObject = { type: 'string', minLength: 3, maxLength: 256 };

export const sessionIdSchema: JsonObject = {
  type: 'string',
  maxLength: 1024,
  description: 'From discover_tools: keeps the calls of one task together for an hour. Omit it to start a new session.',
};

export const unreviewedSchema: JsonObject = {
  const: true,
  description: 'Of an external server, and approved by nobody: it may do anything, whatever it says',
};

export const nextStepsSchema: JsonObject = {
  type: 'array',
  items: { type: 'string' },
  description: 'What to do next.',
};

export function objectSchema(
  properties: JsonObject,
  required: readonly string[] = Object.keys(properties),
): JsonObject {
  return { type: 'object', properties, required: [...required] };
}

/** Returns the schema of an output. A failed call has its error instead of its result. */
export function outputSchema(
  properties: JsonObject,
  required: readonly string[] = Object.keys(properties),
): JsonObject {
  return {
    type: 'object',
    properties,
    anyOf: [{ required: [...required] }, { required: ['code', 'message', 'outcome'] }],
  };
}
