import { z } from 'zod';

const base = {
  key: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,63}$/, 'A key is a small letter, then small letters, digits and "_"')
    .meta({ description: 'Name in templates: {key}.' }),
  label: z.string().min(1).max(200).optional().meta({ description: 'Name that people see.' }),
  required: z.boolean().default(false),
  default_value: z
    .union([z.string(), z.number(), z.boolean()], 'This must be text, a number, true or false')
    .optional(),
  description: z.string().max(2000).optional(),
  options: z.array(z.string().max(500)).max(500).optional().meta({ description: 'Of a select.' }),
};

/** What somebody types in to sign in. */
export const fieldSchema = z.strictObject({
  ...base,
  field_type: z.enum(['string', 'secret', 'number', 'boolean', 'url', 'select']).default('string'),
  secret: z.boolean().default(false).meta({ description: 'Never shown again; forced by field_type secret.' }),
});
export type Field = z.output<typeof fieldSchema>;

export const configurationFieldSchema = z.strictObject({
  ...base,
  field_type: z.enum(['string', 'number', 'boolean', 'url', 'select']).default('string'),
});
export type ConfigurationField = z.output<typeof configurationFieldSchema>;
