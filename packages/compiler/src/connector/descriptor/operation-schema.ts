import { httpMethods } from '@toolplane/contracts';
import { z } from 'zod';
import { anyValueSchema, nameSchema, openObjectSchema, templateTextSchema, urlSchema } from './values.ts';

export const parameterTypes = ['string', 'integer', 'number', 'boolean', 'array', 'object'] as const;

export const parameterSchema = z.strictObject({
  name: nameSchema.meta({ description: 'Unique in the operation. Dots nest in a body.' }),
  send_as: nameSchema.optional().meta({ description: 'Name in the request where it is another one.' }),
  location: z.enum(['path', 'query', 'header', 'body']).meta({ description: 'Where it stands in the request.' }),
  field_type: z.enum(parameterTypes).optional().meta({ description: 'Default: string.' }),
  schema: openObjectSchema
    .optional()
    .meta({ description: 'JSON Schema 2020-12 of the value, in place of field_type and the limits.' }),
  items: openObjectSchema.optional().meta({ description: 'JSON Schema of the items of an array.' }),
  enum: z.array(anyValueSchema).min(1).max(1000).optional().meta({ description: 'All values there are.' }),
  minimum: z.number().optional().meta({ description: 'Of a number.' }),
  maximum: z.number().optional().meta({ description: 'Of a number.' }),
  pattern: z.string().min(1).max(2000).optional().meta({ description: 'Regular expression of RE2.' }),
  max_length: z.int().min(1).max(10_000_000).optional().meta({ description: 'Of a text, in characters.' }),
  required: z.boolean().optional().meta({ description: 'A path parameter always is.' }),
  default_value: anyValueSchema.optional().meta({ description: 'Sent where the caller gives none.' }),
  description: z.string().max(8000).optional().meta({ description: 'For the model.' }),
  style: z
    .enum(['repeat', 'comma'])
    .optional()
    .meta({ description: 'Of an array in the query: a parameter for each item, or one for all.' }),
  hidden: z.boolean().optional().meta({ description: 'Always its default_value; the model does not see it.' }),
});
export type Parameter = z.output<typeof parameterSchema>;

export const paginationSchema = z.strictObject({
  type: z.enum(['none', 'page', 'offset', 'cursor', 'link']).meta({
    description:
      'How the next page is asked for: by its number, by how many items came before, by a cursor, by a link.',
  }),
  page_param: nameSchema.optional().meta({ description: 'Query parameter for the number of a page, or the offset.' }),
  limit_param: nameSchema.optional().meta({ description: 'Query parameter for the size of a page.' }),
  cursor_param: nameSchema.optional().meta({ description: 'Query parameter for the cursor.' }),
  next_cursor_path: z.string().min(1).max(2000).optional().meta({ description: 'JMESPath: the next cursor.' }),
  items_path: z.string().min(1).max(2000).optional().meta({ description: 'JMESPath: the list in an answer.' }),
  max_pages: z.int().min(1).max(10).default(1).meta({ description: 'Read in one call.' }),
});
export type Pagination = z.output<typeof paginationSchema>;

export const operationSchema = z.strictObject({
  operation_id: nameSchema.meta({ description: 'Unique in the descriptor.' }),
  endpoint: urlSchema.meta({ description: 'Absolute URL with {path_parameter} and {config.key}.' }),
  method: z.enum(httpMethods).meta({ description: 'HTTP method.' }),
  summary: z.string().max(500).optional().meta({ description: 'What it does, in a few words.' }),
  description: z.string().max(10_000).optional().meta({ description: 'What it does.' }),
  auth_type_ref: z
    .string()
    .optional()
    .meta({ description: 'Id of an authentication; without it no credentials are sent.' }),
  auth_headers: z
    .record(nameSchema, templateTextSchema)
    .optional()
    .meta({ description: 'Headers made of credentials.' }),
  auth_query: z.record(nameSchema, templateTextSchema).optional().meta({ description: 'Query made of credentials.' }),
  parameters: z.array(parameterSchema).max(200).default([]).meta({ description: 'What a call can set.' }),
  body_encoding: z
    .enum(['json', 'form', 'multipart'])
    .default('json')
    .meta({ description: 'How the parameters of the body are written.' }),
  body_root: nameSchema.optional().meta({ description: 'The body parameter that is the whole body.' }),
  content_type: z.string().min(1).max(200).optional().meta({ description: 'Of the body; default: by body_encoding.' }),
  response: z
    .strictObject({
      pick: z.string().min(1).max(4000).optional().meta({ description: 'JMESPath: what the tool gives.' }),
      error_pick: z
        .string()
        .min(1)
        .max(4000)
        .optional()
        .meta({ description: 'JMESPath over the JSON body of an error: what the tool says of it.' }),
      max_bytes: z
        .int()
        .min(1)
        .max(5 * 1024 * 1024)
        .optional()
        .meta({ description: 'Larger answers are refused.' }),
    })
    .optional()
    .meta({ description: 'What the tool gives of an answer.' }),
  pagination: paginationSchema.optional().meta({ description: 'Several pages as one answer.' }),
});
export type Operation = z.output<typeof operationSchema>;
