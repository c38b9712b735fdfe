import type { JsonSchema } from '../servers/server.ts';

/** Initial inputs: the required ones, with their default or a value of their type. */
export function toSampleInputs({ properties = {}, required = [] }: JsonSchema): Record<string, unknown> {
  return Object.fromEntries(required.map((name) => [name, toSample(properties[name] ?? {})]));
}

function toSample(schema: JsonSchema): unknown {
  if (schema.default !== undefined) return schema.default;
  if (schema.enum !== undefined) return schema.enum[0];
  const [type] = [schema.type ?? 'string'].flat();
  if (type === 'object') return toSampleInputs(schema);
  if (type === 'array') return [];
  if (type === 'boolean') return false;
  return type === 'integer' || type === 'number' ? 1 : '';
}
