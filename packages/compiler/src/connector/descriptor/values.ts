import { jsonObjectSchema, jsonSchema } from '@toolplane/contracts';
import { z } from 'zod';

/** Building blocks of the schema. A custom check has no JSON Schema, so `type` is declared in addition. */

export const openObjectSchema = jsonObjectSchema.meta({ type: 'object' });

export const anyValueSchema = jsonSchema;

/** URLs may contain `{config.<key>}`, so they are checked after the configuration is filled in. */
export const urlSchema = z.string().min(1).max(4000);

/** Text that contains `{key}`; `{{` and `}}` are braces. */
export const templateTextSchema = z.string().max(4000);

/** The names of members that a descriptor chooses. */
export const nameSchema = z
  .string()
  .min(1)
  .max(200)
  .refine((name) => name !== '__proto__', '"__proto__" cannot be a name');
