import type { z } from 'zod';

type Definition = {
  type: string;
  shape?: Record<string, z.ZodType>;
  options?: readonly z.ZodType[];
};

/** The names of all settings in a service's schema, including those of its alternatives. */
export function settingNames(schema: z.ZodType): string[] {
  return [...new Set(collect(schema))].toSorted();
}

function collect(schema: z.ZodType): string[] {
  const { type, shape, options }: Definition = schema._zod.def;
  if (shape !== undefined) return Object.keys(shape);
  if (options !== undefined) return options.flatMap(collect);
  throw new Error(`a schema of settings is an object or a union, not: ${type}`);
}
