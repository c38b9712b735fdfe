import { z } from 'zod';

const base = {
  key: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,63}$/, 'A key is a small letter, then small letters, digits and "_"')
    .meta({ description: 'Name in templates: {key}.' }),
  label: z.string().min(1).max(200).optional().meta({ description: 'Name that people see.' }),
  required: z.boolean().default(false).meta({ description: 'Must it be filled in?' }),
  default_value: z
    .union([z.string(), z.number(), z.boolean()], 'This must be text, a number, true or false')
    .optional()
    .meta({ description: 'Where nothing is filled in. A secret has none.' }),
  description: z.string().max(2000).optional().meta({ description: 'Help for whoever fills it in.' }),
  options: z.array(z.string().max(500)).max(500).optional().meta({ description: 'What a select offers.' }),
};

/** What somebody types in to sign in. */
export const fieldSchema = z.strictObject({
  ...base,
  field_type: z
    .enum(['string', 'secret', 'number', 'boolean', 'url', 'select'])
    .default('string')
    .meta({ description: 'What is filled in; a select has options.' }),
  secret: z.boolean().default(false).meta({ description: 'Never shown again; forced by field_type secret.' }),
  public: z
    .boolean()
    .default(false)
    .meta({ description: 'Anybody may see its values. What is not marked so is masked in all that comes out.' }),
});
export type Field = z.output<typeof fieldSchema>;

export const configurationFieldSchema = z.strictObject({
  ...base,
  field_type: z
    .enum(['string', 'number', 'boolean', 'url', 'select'])
    .default('string')
    .meta({ description: 'What is filled in; a select has options.' }),
});
export type ConfigurationField = z.output<typeof configurationFieldSchema>;
