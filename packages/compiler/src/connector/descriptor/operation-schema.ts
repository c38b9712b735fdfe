import { httpMethods } from '@toolplane/contracts';
import { z } from 'zod';
import { anyValueSchema, nameSchema, openObjectSchema, templateTextSchema, urlSchema } from './values.ts';

export const parameterTypes = ['string', 'integer', 'number', 'boolean', 'array', 'object'] as const;

export const parameterSchema = z.strictObject({
  name: nameSchema.meta({ description: 'Unique in the operation. Dots nest in a body.' }),
  send_as: nameSchema.optional().meta({ description: 'Name in the request, if it differs.' }),
  location: z.enum(['path', 'query', 'header', 'body']).meta({ description: 'Where the request carries it.' }),
  field_type: z.enum(parameterTypes).optional().meta({ description: 'Default: string.' }),
  schema: openObjectSchema
    .optional()
    .meta({ description: 'JSON Schema 2020-12 of the value, instead of field_type and the limits.' }),
  items: openObjectSchema.optional().meta({ description: 'JSON Schema of the items of an array.' }),
  enum: z.array(anyValueSchema).min(1).max(1000).optional().meta({ description: 'All allowed values.' }),
  minimum: z.number().optional().meta({ description: 'For a number.' }),
  maximum: z.number().optional().meta({ description: 'For a number.' }),
  pattern: z.string().min(1).max(2000).optional().meta({ description: 'RE2 regular expression.' }),
  max_length: z.int().min(1).max(10_000_000).optional().meta({ description: 'For text, in characters.' }),
  required: z.boolean().optional().meta({ description: 'A path parameter is always required.' }),
  default_value: anyValueSchema.optional().meta({ description: 'Sent if the caller gives no value.' }),
  description: z.string().max(8000).optional().meta({ description: 'For the model.' }),
  style: z
    .enum(['repeat', 'comma'])
    .optional()
    .meta({ description: 'For an array in the query: a parameter for each item, or one for all.' }),
  hidden: z
    .boolean()
    .optional()
    .meta({ description: 'Always sent with its default_value; the model does not see it.' }),
});
export type Parameter = z.output<typeof parameterSchema>;

export const paginationSchema = z.strictObject({
  type: z.enum(['none', 'page', 'offset', 'cursor', 'link']).meta({
    description:
      'How the next page is requested: by its number, by how many items came before, by a cursor or by a link.',
  }),
  page_param: nameSchema.optional().meta({ description: 'Query parameter for the number of a page, or the offset.' }),
  limit_param: nameSchema.optional().meta({ description: 'Query parameter for the size of a page.' }),
  cursor_param: nameSchema.optional().meta({ description: 'Query parameter for the cursor.' }),
  next_cursor_path: z.string().min(1).max(2000).optional().meta({ description: 'JMESPath: the next cursor.' }),
  items_path: z.string().min(1).max(2000).optional().meta({ description: 'JMESPath: the list in an answer.' }),
  max_pages: z.int().min(1).max(10).default(1).meta({ description: 'The most pages that one call reads.' }),
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
    .meta({ description: 'Id of an authentication; without it, no credentials are sent.' }),
  auth_headers: z
    .record(nameSchema, templateTextSchema)
    .optional()
    .meta({ description: 'Headers made from credentials.' }),
  auth_query: z.record(nameSchema, templateTextSchema).optional().meta({ description: 'Query made from credentials.' }),
  parameters: z.array(parameterSchema).max(200).default([]).meta({ description: 'What a call can set.' }),
  body_encoding: z
    .enum(['json', 'form', 'multipart'])
    .default('json')
    .meta({ description: 'How the parameters of the body are written.' }),
  body_root: nameSchema.optional().meta({ description: 'The body parameter that is the whole body.' }),
  content_type: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'Media type of the body; default: by body_encoding.' }),
  response: z
    .strictObject({
      pick: z.string().min(1).max(4000).optional().meta({ description: 'JMESPath: what the tool returns.' }),
      error_pick: z
        .string()
        .min(1)
        .max(4000)
        .optional()
        .meta({ description: 'JMESPath over the JSON body of an error: what the tool reports.' }),
      max_bytes: z
        .int()
        .min(1)
        .max(5 * 1024 * 1024)
        .optional()
        .meta({ description: 'Larger answers are refused.' }),
    })
    .optional()
    .meta({ description: 'What the tool returns from an answer.' }),
  pagination: paginationSchema.optional().meta({ description: 'Several pages as one answer.' }),
});
export type Operation = z.output<typeof operationSchema>;
