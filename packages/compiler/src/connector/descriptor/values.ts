import { jsonObjectSchema, jsonSchema } from '@toolplane/contracts';
import { z } from 'zod';

/** Building blocks of the schema. A custom check has no JSON Schema, so `type` is given in addition. */

export const openObjectSchema = jsonObjectSchema.meta({ type: 'object' });

export const anyValueSchema = jsonSchema;

/** URLs may hold `{config.<key>}`, so whether they are URLs is checked with that put in. */
export const urlSchema = z.string().min(1).max(4000);

/** Text with `{key}` in it; `{{` and `}}` are braces. */
export const templateTextSchema = z.string().max(4000);

/** Names of members that a descriptor chooses. */
export const nameSchema = z
  .string()
  .min(1)
  .max(200)
  .refine((name) => name !== '__proto__', '"__proto__" cannot be a name');
