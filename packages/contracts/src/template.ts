import { z } from 'zod';
import { type Json, jsonSchema } from './json.ts';

/**
 * Compiled forms of the strings of a document. The compiler parses, the data plane only evaluates: no text of a
 * document and no value of a call is ever scanned for expressions at run time.
 */

/** A path into the scope of a run, aliases resolved: `$statusCode` is `['response', 'status']`. */
const pathSchema = z.array(z.string()).min(1);

export type Template =
  | { kind: 'literal'; value: Json }
  /** One whole reference: keeps the native value of what it names. */
  | { kind: 'reference'; path: string[] }
  /** Text with references in it; each becomes text. */
  | { kind: 'text'; parts: (string | { path: string[] })[] }
  /** A JMESPath expression over the scope; references are already quoted identifiers. */
  | { kind: 'jmespath'; expression: string }
  | { kind: 'list'; items: Template[] }
  | { kind: 'map'; entries: [string, Template][] };

export const templateSchema: z.ZodType<Template> = z.lazy(() =>
  z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('literal'), value: jsonSchema }),
    z.strictObject({ kind: z.literal('reference'), path: pathSchema }),
    z.strictObject({
      kind: z.literal('text'),
      parts: z.array(z.union([z.string(), z.strictObject({ path: pathSchema })])),
    }),
    z.strictObject({ kind: z.literal('jmespath'), expression: z.string() }),
    z.strictObject({ kind: z.literal('list'), items: z.array(templateSchema) }),
    z.strictObject({ kind: z.literal('map'), entries: z.array(z.tuple([z.string(), templateSchema])) }),
  ]),
);

export const comparisonOperators = ['==', '!=', '<', '<=', '>', '>='] as const;
export type ComparisonOperator = (typeof comparisonOperators)[number];

export type Condition =
  | { kind: 'literal'; value: null | boolean | number | string }
  | { kind: 'reference'; path: string[] }
  | { kind: 'not'; of: Condition }
  | { kind: 'compare'; operator: ComparisonOperator; left: Condition; right: Condition }
  | { kind: 'and' | 'or'; of: Condition[] };

export const conditionSchema: z.ZodType<Condition> = z.lazy(() =>
  z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('literal'),
      value: z.union([z.null(), z.boolean(), z.number(), z.string()]),
    }),
    z.strictObject({ kind: z.literal('reference'), path: pathSchema }),
    z.strictObject({ kind: z.literal('not'), of: conditionSchema }),
    z.strictObject({
      kind: z.literal('compare'),
      operator: z.enum(comparisonOperators),
      left: conditionSchema,
      right: conditionSchema,
    }),
    z.strictObject({ kind: z.enum(['and', 'or']), of: z.array(conditionSchema).min(2) }),
  ]),
);

/**
 * A URL whose literal text is already in place. A reference in `parts` is percent-encoded as one segment (or one query
 * value), so it can add neither a segment nor a parameter; `where` says which part of the URL it stands in.
 * `whole` is a URL that is one reference: used as it is, then held to the egress rules.
 */
export type UrlTemplate =
  | { kind: 'whole'; path: string[] }
  | { kind: 'parts'; parts: (string | { path: string[]; where: 'host' | 'path' | 'query' })[] };

export const urlTemplateSchema: z.ZodType<UrlTemplate> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('whole'), path: pathSchema }),
  z.strictObject({
    kind: z.literal('parts'),
    parts: z.array(
      z.union([z.string(), z.strictObject({ path: pathSchema, where: z.enum(['host', 'path', 'query']) })]),
    ),
  }),
]);
