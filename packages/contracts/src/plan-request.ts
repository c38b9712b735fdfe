import { z } from 'zod';
import { templateSchema, urlTemplateSchema } from './template.ts';

export const httpMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'] as const;
export type HttpMethod = (typeof httpMethods)[number];

/**
 * Returns whether sending such a request twice has the effect of sending it once, which follows from its method (RFC
 * 9110, §9.2.2) or is declared by its document.
 */
export function isIdempotent(request: Pick<PlanRequest, 'method' | 'isIdempotent'>): boolean {
  return request.isIdempotent === true || (request.method !== 'POST' && request.method !== 'PATCH');
}

/** Where and how a value is written, by the rules of OpenAPI's Parameter Object. */
export const planParameterSchema = z.strictObject({
  name: z.string(),
  in: z.enum(['path', 'query', 'header', 'cookie', 'querystring']),
  style: z.enum(['simple', 'label', 'matrix', 'form', 'spaceDelimited', 'pipeDelimited', 'deepObject']),
  explode: z.boolean(),
  allowReserved: z.literal(true).optional(),
  /** Written in this media type instead of a style. */
  contentType: z.string().optional(),
  /** The step fails if the value is absent or null. A parameter that is not required is then left out. */
  required: z.literal(true).optional(),
  value: templateSchema,
  /** Added for a security scheme, so `$request` does not show it. */
  isCredential: z.literal(true).optional(),
});

/** How one field of a form is written, by OpenAPI's Encoding Object. */
const fieldEncodingSchema = z.strictObject({
  contentType: z.string().optional(),
  style: z.enum(['form', 'spaceDelimited', 'pipeDelimited', 'deepObject']).optional(),
  explode: z.boolean().optional(),
  allowReserved: z.literal(true).optional(),
});

export const planRequestSchema = z.strictObject({
  method: z.enum(httpMethods),
  url: urlTemplateSchema,
  headers: z.array(z.tuple([z.string(), templateSchema])),
  query: z.array(z.tuple([z.string(), templateSchema])),
  parameters: z.array(planParameterSchema).optional(),
  body: templateSchema.optional(),
  /**
   * How the body is written. Absent: depends on the type of its value and on its content type. `base64` is text that
   * encodes bytes. A file of a `multipart` body is an object `{data (base64), filename, contentType}`.
   */
  bodyType: z.enum(['json', 'form', 'multipart', 'text', 'base64']).optional(),
  fields: z.record(z.string(), fieldEncodingSchema).optional(),
  /** A redirect is returned like any other answer. */
  returnsRedirects: z.literal(true).optional(),
  /** A key that is the same for all tries of one visit to the step is sent in this header. */
  idempotencyKey: z.strictObject({ header: z.string() }).optional(),
  /** The document declares the request idempotent, regardless of its method. */
  isIdempotent: z.literal(true).optional(),
});

export type PlanRequest = z.infer<typeof planRequestSchema>;
export type PlanParameter = z.infer<typeof planParameterSchema>;
