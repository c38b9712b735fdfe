import { httpMethods } from '@toolplane/contracts';
import { z } from 'zod';
import { anyValueSchema, nameSchema, openObjectSchema, templateTextSchema, urlSchema } from './values.ts';

export const parameterTypes = ['string', 'integer', 'number', 'boolean', 'array', 'object'] as const;

export const parameterSchema = z.strictObject({
  name: nameSchema.meta({ description: 'Unique in the operation. Dots nest in a body.' }),
  send_as: nameSchema.optional().meta({ description: 'Name in the request where it is another one.' }),
  location: z.enum(['path', 'query', 'header', 'body']),
  field_type: z.enum(parameterTypes).optional().meta({ description: 'Default: string.' }),
  schema: openObjectSchema
    .optional()
    .meta({ description: 'JSON Schema 2020-12 of the value, in place of field_type and the limits.' }),
  items: openObjectSchema.optional().meta({ description: 'JSON Schema of the items of an array.' }),
  enum: z.array(anyValueSchema).min(1).max(1000).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  pattern: z.string().min(1).max(2000).optional().meta({ description: 'Regular expression of RE2.' }),
  max_length: z.int().min(1).max(10_000_000).optional(),
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
  type: z.enum(['none', 'page', 'offset', 'cursor', 'link']),
  page_param: nameSchema.optional().meta({ description: 'Query parameter for the number of a page, or the offset.' }),
  limit_param: nameSchema.optional().meta({ description: 'Query parameter for the size of a page.' }),
  cursor_param: nameSchema.optional().meta({ description: 'Query parameter for the cursor.' }),
  next_cursor_path: z.string().min(1).max(2000).optional().meta({ description: 'JMESPath: the next cursor.' }),
  items_path: z.string().min(1).max(2000).optional().meta({ description: 'JMESPath: the list in an answer.' }),
  max_pages: z.int().min(1).max(10).default(1),
});
export type Pagination = z.output<typeof paginationSchema>;

export const operationSchema = z.strictObject({
  operation_id: nameSchema.meta({ description: 'Unique in the descriptor.' }),
  endpoint: urlSchema.meta({ description: 'Absolute URL with {path_parameter} and {config.key}.' }),
  method: z.enum(httpMethods),
  summary: z.string().max(500).optional(),
  description: z.string().max(10_000).optional(),
  auth_type_ref: z
    .string()
    .optional()
    .meta({ description: 'Id of an authentication; without it no credentials are sent.' }),
  auth_headers: z
    .record(nameSchema, templateTextSchema)
    .optional()
    .meta({ description: 'Headers made of credentials.' }),
  auth_query: z.record(nameSchema, templateTextSchema).optional().meta({ description: 'Query made of credentials.' }),
  parameters: z.array(parameterSchema).max(200).default([]),
  body_encoding: z.enum(['json', 'form', 'multipart']).default('json'),
  body_root: nameSchema.optional().meta({ description: 'The body parameter that is the whole body.' }),
  content_type: z.string().min(1).max(200).optional().meta({ description: 'Of the body; default: by body_encoding.' }),
  response: z
    .strictObject({
      pick: z.string().min(1).max(4000).optional().meta({ description: 'JMESPath: what the tool gives.' }),
      max_bytes: z
        .int()
        .min(1)
        .max(5 * 1024 * 1024)
        .optional()
        .meta({ description: 'Larger answers are refused.' }),
    })
    .optional(),
  pagination: paginationSchema.optional(),
});
export type Operation = z.output<typeof operationSchema>;
