import { z } from 'zod';
import { jsonObjectSchema } from './json.ts';

/** What clients return for each kind of `InputRequest`, as MCP defines it. They may send additional members. */
export const inputResponseSchemas = {
  'elicitation/create': z.object({
    action: z.enum(['accept', 'decline', 'cancel']),
    content: jsonObjectSchema.nullish(),
  }),
  'sampling/createMessage': z.looseObject({
    role: z.enum(['user', 'assistant']),
    content: z.union([z.array(jsonObjectSchema), jsonObjectSchema]),
  }),
  'roots/list': z.looseObject({ roots: z.array(z.looseObject({ uri: z.string() })) }),
} as const;
