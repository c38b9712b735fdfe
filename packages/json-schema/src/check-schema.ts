import { appendPointer, isJsonObject, type Json, type JsonObject } from '@toolplane/contracts';
import { checkReach, type SchemaNode } from './check-reach.ts';
import { JsonSchemaError } from './json-schema-error.ts';
import { compilePattern } from './pattern.ts';
import { subschemasOf } from './subschemas.ts';

const DEPTH_MAX = 32;
const SCHEMAS_MAX = 2000;
const PROPERTIES_MAX = 500;
/**
 * The maximum number of nested levels in the validator: every schema beside and around another adds a level, and each
 * level uses stack.
 */
const LEVELS_MAX = 1000;
/** The maximum size of all patterns of a schema together, in instructions of the regular expression engine. */
const PATTERNS_SIZE_MAX = 50_000;
const DIALECT = /^https?:\/\/json-schema\.org\/(?:draft-07|draft\/2020-12)\/schema#?$/;

/** The properties of a schema that affect how it is compiled. */
export type SchemaTraits = {
  /** The number of schemas that the schema applies, including those behind each `$ref`. */
  applications: number;
  /** True if the schema uses `unevaluatedProperties` or `unevaluatedItems`. */
  readsEvaluated: boolean;
  hasDefaults: boolean;
};

/**
 * Finds what the library would accept but a shared process must not, and what the library would refuse without
 * reporting where. Throws if a limit is exceeded, which ends the check; reports all other errors. Returns undefined if
 * it reported any.
 */
export function checkSchema(root: JsonObject, report: (error: JsonSchemaError) => void): SchemaTraits | undefined {
  let isValid = true;
  const attempt = <T>(check: () => T): T | undefined => {
    try {
      return check();
    } catch (thrown) {
      if (!(thrown instanceof JsonSchemaError) || thrown.code === 'too_many') throw thrown;
      isValid = false;
      report(thrown);
      return undefined;
    }
  };
  attempt(() => checkDialect(root['$schema']));
  const nodes = new Map<string, SchemaNode>();
  let patternsSize = 0;
  visit(root, '', { depth: 0, level: 0 });
  const anchors = findAnchors([...nodes.values()]);
  for (const node of nodes.values()) attempt(() => linkReference(node, nodes, anchors));
  // The reach of a schema is meaningless if a reference does not resolve.
  if (!isValid) return undefined;
  const applications = checkReach([...nodes.values()]);
  const hasOne = (...keywords: string[]) =>
    [...nodes.values()].some(({ schema }) => keywords.some((keyword) => Object.hasOwn(schema, keyword)));
  const readsEvaluated = hasOne('unevaluatedProperties', 'unevaluatedItems');
  return { applications, readsEvaluated, hasDefaults: hasOne('default') };

  function visit(schema: JsonObject, pointer: string, { depth, level }: { depth: number; level: number }): SchemaNode {
    if (depth > DEPTH_MAX) throw new JsonSchemaError(`A schema nests at most ${DEPTH_MAX} levels`, pointer);
    const node: SchemaNode = { schema, pointer, edges: [] };
    nodes.set(pointer, node);
    if (nodes.size > SCHEMAS_MAX) {
      throw new JsonSchemaError(`A schema holds at most ${SCHEMAS_MAX} schemas`, pointer, { code: 'too_many' });
    }
    if (level > LEVELS_MAX) {
      const message = `A schema has at most ${LEVELS_MAX} schemas beside and around another`;
      throw new JsonSchemaError(message, pointer, { code: 'too_many' });
    }
    attempt(() => checkKeywords(schema, pointer));
    for (const { pattern, at } of patternsOf(schema, pointer)) {
      patternsSize += attempt(() => compilePattern(pattern, at).programSize()) ?? 0;
    }
    if (patternsSize > PATTERNS_SIZE_MAX) {
      throw new JsonSchemaError('The patterns of this schema are too large in total', pointer, { code: 'too_many' });
    }
    const subschemas = subschemasOf(schema, pointer);
    const count = subschemas.filter(({ reach }) => reach !== 'definition').length;
    for (const { schema: inner, pointer: innerPointer, reach } of subschemas) {
      const isDefinition = reach === 'definition';
      const to = visit(inner, innerPointer, { depth: depth + 1, level: isDefinition ? 0 : level + count });
      if (!isDefinition) node.edges.push({ to, reach });
    }
    return node;
  }
}

function checkDialect(dialect: Json | undefined): void {
  if (dialect === undefined || (typeof dialect === 'string' && DIALECT.test(dialect))) return;
  throw new JsonSchemaError('Only the dialects draft-07 and 2020-12 of JSON Schema are supported', '/$schema');
}

function checkKeywords(schema: JsonObject, pointer: string): void {
  for (const keyword of ['$dynamicRef', '$recursiveRef', '$async']) {
    if (Object.hasOwn(schema, keyword)) {
      throw new JsonSchemaError(`${keyword} is not supported`, appendPointer(pointer, keyword));
    }
  }
  if (pointer !== '' && Object.hasOwn(schema, '$id')) {
    throw new JsonSchemaError('$id inside a schema is not supported', appendPointer(pointer, '$id'));
  }
  const { properties } = schema;
  const count = isJsonObject(properties) ? Object.keys(properties).length : 0;
  if (count <= PROPERTIES_MAX) return;
  const message = `There are ${count} properties; the limit is ${PROPERTIES_MAX}`;
  throw new JsonSchemaError(message, appendPointer(pointer, 'properties'), { code: 'too_many' });
}

function patternsOf({ pattern, patternProperties }: JsonObject, pointer: string): { pattern: string; at: string }[] {
  const at = appendPointer(pointer, 'patternProperties');
  const keys = isJsonObject(patternProperties) ? Object.keys(patternProperties) : [];
  const patterns = keys.map((key) => ({ pattern: key, at: appendPointer(at, key) }));
  return typeof pattern === 'string' ? [...patterns, { pattern, at: appendPointer(pointer, 'pattern') }] : patterns;
}

function findAnchors(nodes: SchemaNode[]): Map<string, SchemaNode> {
  return new Map(
    nodes.flatMap((node): [string, SchemaNode][] => {
      const anchor = node.schema['$anchor'];
      return typeof anchor === 'string' ? [[anchor, node]] : [];
    }),
  );
}

function linkReference(
  node: SchemaNode,
  nodes: ReadonlyMap<string, SchemaNode>,
  anchors: ReadonlyMap<string, SchemaNode>,
): void {
  const reference = node.schema['$ref'];
  if (reference === undefined) return;
  const pointer = appendPointer(node.pointer, '$ref');
  if (typeof reference !== 'string' || !reference.startsWith('#')) {
    const message = 'A $ref must stay inside the document: it begins with "#"';
    throw new JsonSchemaError(message, pointer, { code: 'remote_ref' });
  }
  const fragment = decodeFragment(reference);
  const to = nodes.get(fragment) ?? anchors.get(fragment);
  if (to === undefined) {
    const message = 'This $ref does not name a schema of this document';
    throw new JsonSchemaError(message, pointer, { code: 'unknown_ref' });
  }
  node.edges.push({ to, reach: 'same-value' });
}

function decodeFragment(reference: string): string {
  try {
    return decodeURIComponent(reference.slice(1));
  } catch {
    return reference;
  }
}
