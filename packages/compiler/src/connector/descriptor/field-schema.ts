import { z } from 'zod';
import { fieldTypes } from './vocabulary.ts';

const base = {
  key: z
    .string()
    .regex(
      /^[a-z][a-z0-9_]{0,63}$/,
      'A key starts with a lowercase letter, followed by lowercase letters, digits and "_"',
    )
    .meta({ description: 'Name in templates: {key}.' }),
  label: z.string().min(1).max(200).optional().meta({ description: 'Display name.' }),
  required: z.boolean().default(false).meta({ description: 'Whether it must be filled in.' }),
  default_value: z
    .union([z.string(), z.number(), z.boolean()], 'This must be text, a number, true or false')
    .optional()
    .meta({ description: 'Used if nothing is filled in. A secret has none.' }),
  description: z.string().max(2000).optional().meta({ description: 'Help for the person who fills it in.' }),
  options: z.array(z.string().max(500)).max(500).optional().meta({ description: 'What a select offers.' }),
};

/** A field that a person fills in to sign in. */
export const fieldSchema = z.strictObject({
  ...base,
  field_type: z.enum(fieldTypes).default('string').meta({ description: 'What is filled in; a select has options.' }),
  secret: z.boolean().default(false).meta({ description: 'Never shown again; forced by field_type secret.' }),
  public: z
    .boolean()
    .default(false)
    .meta({ description: 'Anybody may see its values. Values without this mark are masked in all output.' }),
});
export type ConnectorField = z.output<typeof fieldSchema>;

export const configurationFieldSchema = z.strictObject({
  ...base,
  field_type: z
    .enum(fieldTypes)
    .exclude(['secret'])
    .default('string')
    .meta({ description: 'What is filled in; a select has options.' }),
});
export type ConfigurationField = z.output<typeof configurationFieldSchema>;
