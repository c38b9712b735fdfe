import { z } from 'zod';
import { type Json, jsonSchema } from './json.ts';

/**
 * The compiled forms of the strings of a document. The compiler parses, the data plane only evaluates: no text of a
 * document and no value of a call is ever scanned for expressions at run time.
 */

/** A path into the scope of a run, with aliases resolved: `$statusCode` is `['response', 'status']`. */
const pathSchema = z.array(z.string()).min(1);

export type Template =
  | { kind: 'literal'; value: Json }
  /** A single reference: keeps the native value to which it refers. */
  | { kind: 'reference'; path: string[] }
  /**
   * Text with references in it. Each reference becomes text, escaped for its position. One that refers to nothing
   * becomes empty text, or an error if the text is `strict`, in which null is written `null`. A reference inside CDATA
   * cannot end it.
   */
  | { kind: 'text'; parts: (string | { path: string[]; inside?: 'cdata' })[]; strict?: true; escape?: 'xml' | 'form' }
  /** The Base64 of a text in UTF-8, after an unchanged prefix. */
  | { kind: 'base64'; of: Template; prefix?: string }
  /** The result of a query: no match is absent, one value is itself, several are a list. */
  | { kind: 'select'; from: Template; query: Query }
  /** A copy of a value in which the parts that queries select are replaced, one after the other. */
  | { kind: 'replace'; in: Template; replacements: Replacement[]; strict?: true }
  /** A JMESPath expression over the scope. References are already quoted identifiers. */
  | { kind: 'jmespath'; expression: string }
  | { kind: 'list'; items: Template[] }
  /**
   * A member that is absent becomes null, or is left out if the map is `sparse`. If nothing remains in a map that
   * `canBeAbsent`, the map itself is absent.
   */
  | { kind: 'map'; entries: [string, Template][]; sparse?: true; canBeAbsent?: true };

/**
 * A pattern or query: either as written, or built from values of the run and then parsed. A value inside quotes cannot
 * end them. A value outside quotes is a number, a boolean, null, or a text to which quotes are added.
 */
export type PatternText = string | (string | { path: string[]; inside?: "'" | '"' })[];

export type Query = {
  /** RFC 6901, RFC 9535, XPath 3.1. */
  language: 'jsonpointer' | 'jsonpath' | 'xpath';
  text: PatternText;
  /**
   * Only for JSONPath: whether the query runs on a list that contains the value; always, or if the value is not a list.
   */
  on?: 'list' | 'list-unless-list';
};

export type Replacement = { at: Query; value: Template };

const patternTextSchema: z.ZodType<PatternText> = z.union([
  z.string(),
  z.array(z.union([z.string(), z.strictObject({ path: pathSchema, inside: z.enum(["'", '"']).exactOptional() })])),
]);

const querySchema: z.ZodType<Query> = z.strictObject({
  language: z.enum(['jsonpointer', 'jsonpath', 'xpath']),
  text: patternTextSchema,
  on: z.enum(['list', 'list-unless-list']).exactOptional(),
});

export const templateSchema: z.ZodType<Template> = z.lazy(() =>
  z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('literal'), value: jsonSchema }),
    z.strictObject({ kind: z.literal('reference'), path: pathSchema }),
    z.strictObject({
      kind: z.literal('text'),
      parts: z.array(
        z.union([z.string(), z.strictObject({ path: pathSchema, inside: z.literal('cdata').exactOptional() })]),
      ),
      strict: z.literal(true).exactOptional(),
      escape: z.enum(['xml', 'form']).exactOptional(),
    }),
    z.strictObject({ kind: z.literal('base64'), of: templateSchema, prefix: z.string().exactOptional() }),
    z.strictObject({ kind: z.literal('select'), from: templateSchema, query: querySchema }),
    z.strictObject({
      kind: z.literal('replace'),
      in: templateSchema,
      replacements: z.array(z.strictObject({ at: querySchema, value: templateSchema })),
      strict: z.literal(true).exactOptional(),
    }),
    z.strictObject({ kind: z.literal('jmespath'), expression: z.string() }),
    z.strictObject({ kind: z.literal('list'), items: z.array(templateSchema) }),
    z.strictObject({
      kind: z.literal('map'),
      entries: z.array(z.tuple([z.string(), templateSchema])),
      sparse: z.literal(true).exactOptional(),
      canBeAbsent: z.literal(true).exactOptional(),
    }),
  ]),
);

export const comparisonOperators = ['==', '!=', '<', '<=', '>', '>='] as const;
export type ComparisonOperator = (typeof comparisonOperators)[number];

export type Condition =
  | { kind: 'literal'; value: null | boolean | number | string }
  | { kind: 'reference'; path: string[] }
  | { kind: 'not'; of: Condition }
  | { kind: 'compare'; operator: ComparisonOperator; left: Condition; right: Condition }
  | { kind: 'and' | 'or'; of: Condition[] }
  /** Inside, values are compared and tested by the rules of Arazzo's simple criteria. An error is false. */
  | { kind: 'simple'; of: Condition }
  /** The pattern is found somewhere in the text of a value. False for an absent value, for null, and for an error. */
  | { kind: 'regex'; in: Template; pattern: PatternText; flags?: string }
  /** JSONPath finds at least one node, or XPath has a true effective boolean value. An error is false. */
  | { kind: 'query'; in: Template; query: Query };

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
    z.strictObject({ kind: z.literal('simple'), of: conditionSchema }),
    z.strictObject({
      kind: z.literal('regex'),
      in: templateSchema,
      pattern: patternTextSchema,
      flags: z.string().exactOptional(),
    }),
    z.strictObject({ kind: z.literal('query'), in: templateSchema, query: querySchema }),
  ]),
);

/**
 * A URL whose literal text is already encoded. A reference in `parts` is percent-encoded as one segment (or one query
 * value), so it can add neither a segment nor a parameter. `where` says which part of the URL it is in. `whole` is a
 * URL that is a single reference: it is used unchanged, and the egress rules apply. `operation` is text with the path
 * parameters of the request in it, by name, written in their styles.
 */
export type UrlTemplate =
  | { kind: 'whole'; path: string[] }
  | { kind: 'parts'; parts: (string | { path: string[]; where: 'host' | 'path' | 'query' })[] }
  | { kind: 'operation'; parts: (string | { parameter: string })[] };

export const urlTemplateSchema: z.ZodType<UrlTemplate> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('whole'), path: pathSchema }),
  z.strictObject({
    kind: z.literal('parts'),
    parts: z.array(
      z.union([z.string(), z.strictObject({ path: pathSchema, where: z.enum(['host', 'path', 'query']) })]),
    ),
  }),
  z.strictObject({
    kind: z.literal('operation'),
    parts: z.array(z.union([z.string(), z.strictObject({ parameter: z.string() })])),
  }),
]);
