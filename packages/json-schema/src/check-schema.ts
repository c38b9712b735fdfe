import type { JsonObject } from '@toolplane/contracts';
import { appendPointer } from '@toolplane/contracts';
import { checkReach, type SchemaNode } from './check-reach.ts';
import { JsonSchemaError } from './json-schema-error.ts';
import { compilePattern } from './pattern.ts';
import { subschemasOf } from './subschemas.ts';

const DEPTH_MAX = 32;
const SCHEMAS_MAX = 2000;
const DIALECT = /^https?:\/\/json-schema\.org\/(?:draft-07|draft\/2020-12)\/schema#?$/;

/** What the library would accept and a shared process must not, or would refuse without saying where. */
export function checkSchema(root: JsonObject): void {
  const dialect = root['$schema'];
  if (dialect !== undefined && !(typeof dialect === 'string' && DIALECT.test(dialect))) {
    throw new JsonSchemaError('Only the dialects draft-07 and 2020-12 of JSON Schema are supported', '/$schema');
  }
  const nodes = new Map<string, SchemaNode>();
  visit(root, '', 0);
  for (const node of nodes.values()) linkReference(node, nodes);
  checkReach([...nodes.values()]);

  function visit(schema: JsonObject, pointer: string, depth: number): SchemaNode {
    if (depth > DEPTH_MAX) throw new JsonSchemaError(`A schema nests at most ${DEPTH_MAX} deep`, pointer);
    const node: SchemaNode = { schema, pointer, edges: [] };
    nodes.set(pointer, node);
    if (nodes.size > SCHEMAS_MAX) throw new JsonSchemaError(`A schema holds at most ${SCHEMAS_MAX} schemas`, pointer);
    checkKeywords(schema, pointer);
    for (const { schema: inner, pointer: innerPointer, reach } of subschemasOf(schema, pointer)) {
      const to = visit(inner, innerPointer, depth + 1);
      if (reach !== 'definition') node.edges.push({ to, reach });
    }
    return node;
  }
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
  const { pattern, patternProperties } = schema;
  if (typeof pattern === 'string') compilePattern(pattern, appendPointer(pointer, 'pattern'));
  if (typeof patternProperties !== 'object' || patternProperties === null) return;
  const at = appendPointer(pointer, 'patternProperties');
  for (const key of Object.keys(patternProperties)) compilePattern(key, appendPointer(at, key));
}

function linkReference(node: SchemaNode, nodes: Map<string, SchemaNode>): void {
  const reference = node.schema['$ref'];
  if (reference === undefined) return;
  const pointer = appendPointer(node.pointer, '$ref');
  if (typeof reference !== 'string' || !reference.startsWith('#')) {
    throw new JsonSchemaError('A $ref must stay inside the schema: it begins with "#"', pointer);
  }
  const to = nodes.get(decodeFragment(reference));
  if (to === undefined) throw new JsonSchemaError('This $ref names no schema of this document', pointer);
  node.edges.push({ to, reach: 'same-value' });
}

function decodeFragment(reference: string): string {
  try {
    return decodeURIComponent(reference.slice(1));
  } catch {
    return reference;
  }
}
