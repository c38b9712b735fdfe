import type { JsonObject } from '@toolplane/contracts';
import { JsonSchemaError } from './json-schema-error.ts';
import type { Subschema } from './subschemas.ts';

/** A schema and the schemas that it applies, directly or through `$ref`. */
export type SchemaNode = {
  schema: JsonObject;
  pointer: string;
  edges: { to: SchemaNode; reach: Subschema['reach'] }[];
};

/** The maximum number of schemas that are applied to one value. A schema counts once for each way it is reached. */
const APPLICATIONS_MAX = 10_000;

/**
 * Limits how much work a schema can cause: a schema is a program that strangers run in a shared process. `$ref` can
 * make its work exponential in the schema (definitions that each apply the next one twice) or in the depth of the value
 * (recursion in two branches). Both are refused, so that the work stays proportional to the value. Returns the number
 * of schemas that the most expensive of `nodes` applies.
 */
export function checkReach(nodes: SchemaNode[]): number {
  const applications = countApplications(nodes);
  if (nodes.some((node) => Object.hasOwn(node.schema, '$ref'))) checkRecursion(nodes);
  return applications;
}

function checkRecursion(nodes: SchemaNode[]): void {
  for (const node of nodes) {
    const recursive = node.edges.filter(({ to }) => canReach(to, node));
    const atSameValue = recursive.some(({ to, reach }) => reach === 'same-value' && canReach(to, node, isSameValue));
    if (atSameValue) throw new JsonSchemaError('This schema applies itself to the same value endlessly', node.pointer);
    if (recursive.length > 1 && recursive.some(({ reach }) => reach !== 'own-member')) {
      throw new JsonSchemaError('A recursive schema can recur in only one branch', node.pointer);
    }
  }
}

function countApplications(nodes: SchemaNode[]): number {
  const counts = new Map<SchemaNode, number>();
  const count = (node: SchemaNode): number => {
    const known = counts.get(node);
    if (known !== undefined) return known;
    // A node that is met again on the way down recurs into deeper values, which are counted there.
    counts.set(node, 0);
    const total = node.edges.reduce((sum, { to }) => sum + count(to), 1);
    if (total > APPLICATIONS_MAX) {
      throw new JsonSchemaError(`Through $ref this schema applies more than ${APPLICATIONS_MAX} schemas`, node.pointer);
    }
    counts.set(node, total);
    return total;
  };
  return nodes.reduce((most, node) => Math.max(most, count(node)), 0);
}

function isSameValue(edge: SchemaNode['edges'][number]): boolean {
  return edge.reach === 'same-value';
}

function canReach(from: SchemaNode, target: SchemaNode, isFollowed: typeof isSameValue = () => true): boolean {
  const seen = new Set<SchemaNode>();
  const waiting = [from];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node === target) return true;
    if (seen.has(node)) continue;
    seen.add(node);
    for (const edge of node.edges) if (isFollowed(edge)) waiting.push(edge.to);
  }
  return false;
}
