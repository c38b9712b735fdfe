import { isJsonObject, type Json, type JsonObject } from '@toolplane/contracts';
import { holdsList } from '../schemas/holds-list.ts';
import { kindsOf } from '../schemas/kinds-of.ts';
import { objectShape } from '../schemas/object-shape.ts';
import { describe, withoutDescription } from '../texts/describe.ts';
import type { DraftContext, ParameterDraft } from './parameter-draft.ts';

/**
 * How members are named on the wire. `list` is absent if the items of a list could not be distinguished from a single
 * value.
 */
export type MemberNames = { member(name: string, key: string): string; list?(name: string): string };

/** The names that most servers expect in forms. */
export const bracketNames: MemberNames = { member: (name, key) => `${name}[${key}]`, list: (name) => `${name}[]` };

/** The maximum for one parameter; an operation can have 200 in total. */
const MEMBERS_MAX = 60;
const DEPTH_MAX = 4;

const WHY = 'has lists of several kinds, or nests too deeply, for a query or a form';

/** A value whose `schema` is still that of the document. */
type Value = ParameterDraft & { depth: number };

/**
 * Drafts an object whose members have their own names in the request, `created[gte]`. A connector writes it as one
 * parameter unless it contains lists, which servers read in many ways: the objects around a list become one parameter
 * for each member, outermost first. The items of a list of objects are numbered, `items[0][price]`, which those servers
 * read in only one way.
 */
export function draftMembers(whole: ParameterDraft, names: MemberNames, context: DraftContext): ParameterDraft[] {
  const { schemas, leaveOut } = context;
  const drafts: ParameterDraft[] = [];
  const waiting: Value[] = [{ ...whole, depth: 0 }];
  const lost: string[] = [];
  for (let value = waiting.shift(); value !== undefined; value = waiting.shift()) {
    const count = drafts.length + waiting.length;
    if (drafts.length < MEMBERS_MAX && expand(value)) continue;
    lost.push(value.wireName);
    const isNeeded = value.isRequired && drafts.length + waiting.length === count;
    if (isNeeded) leaveOut(`"${value.wireName}"`, WHY, true);
  }
  if (lost.length > 0) {
    const shown = lost.length > 8 ? `${lost.slice(0, 8).join(', ')} and ${lost.length - 8} more` : lost.join(', ');
    leaveOut(shown, WHY, false);
  }
  return drafts;

  /** Returns false if a part of the value cannot be sent. */
  function expand({ depth, ...draft }: Value): boolean {
    const variants = variantsOf(draft.schema);
    const scalars = variants.filter((variant) => isOnly(variant, 'scalar') && !isEmptyText(variant));
    const lists = variants.filter((variant) => isOnly(variant, 'array'));
    const objects = variants.filter((variant) => !isOnly(variant, 'scalar') && !isOnly(variant, 'array'));
    const isRequired = draft.isRequired && variants.length === 1;
    const isWritable = names === bracketNames && !objects.some((object) => holdsList(object, schemas));
    const values = isWritable ? [...objects, ...scalars] : scalars;
    if (values.length > 0) drafts.push({ ...draft, isRequired, schema: together(values) });
    const others = isWritable ? [] : objects;
    const areListsReported = lists.map((list) => addList({ ...draft, isRequired }, list));
    const areObjectsReported = others.map((object) => addMembers({ ...draft, isRequired, depth }, object));
    return [...areListsReported, ...areObjectsReported].every(Boolean);
  }

  /** The first of its types determines the style of a parameter. */
  function together(variants: JsonObject[]): JsonObject {
    const written = variants.map((variant) => withoutDescription(schemas.write(variant)));
    const mayBeObject = kindsOf(variants[0], schemas).has('object');
    const [first = {}] = written;
    if (written.length === 1) return mayBeObject ? { ...first, type: 'object' } : first;
    const types = [...new Set(written.flatMap(({ type }) => type ?? []))];
    return {
      ...(mayBeObject ? { type: ['object', ...types.filter((type) => type !== 'object')] } : {}),
      anyOf: written,
    };
  }

  function addList(draft: ParameterDraft, list: JsonObject): boolean {
    const items = kindsOf(list['items'], schemas);
    if (names.list === undefined || items.size > 1 || items.has('array')) return false;
    const schema = withoutDescription(schemas.write(list));
    if (items.has('object')) drafts.push({ ...draft, schema: { ...schema, ...ofObjects(schema) } });
    else drafts.push({ ...draft, wireName: names.list(draft.wireName), schema });
    return true;
  }

  function addMembers({ wireName, isRequired, ...draft }: Value, object: JsonObject): boolean {
    const shape = objectShape(object, schemas);
    if (shape === undefined || shape.properties.size === 0 || draft.depth >= DEPTH_MAX) return false;
    if (shape.isOpen) leaveOut(`any further member of "${wireName}"`, 'has no declared name', false);
    for (const [key, property] of shape.properties) {
      waiting.push({
        ...draft,
        wireName: names.member(wireName, key),
        schema: schemas.resolve(property),
        isRequired: isRequired && shape.required.has(key),
        description: describeProperty(property) || draft.description,
        depth: draft.depth + 1,
      });
    }
    return true;
  }

  function variantsOf(schema: JsonObject): JsonObject[] {
    const { anyOf, oneOf, properties } = schema;
    const alternatives = [anyOf, oneOf].find((list) => Array.isArray(list) && list.length > 0);
    if (properties !== undefined || !Array.isArray(alternatives)) return [schemas.resolve(schema)];
    return alternatives.map((each) => schemas.resolve(each));
  }

  function isOnly(schema: JsonObject, kind: 'scalar' | 'array'): boolean {
    const kinds = kindsOf(schema, schemas);
    return kinds.size === 1 && kinds.has(kind);
  }

  function describeProperty(property: Json): string {
    const { description, default: standard } = schemas.resolve(property);
    return describe([description], standard);
  }
}

/** The items determine how a list is written, so their type must not be lost if a schema was cut. */
function ofObjects({ items }: JsonObject): JsonObject {
  return { type: 'array', items: { type: 'object', ...(isJsonObject(items) ? items : {}) } };
}

/**
 * Some APIs interpret an empty text as "remove it"; beside the members of an object, it would be a parameter of its
 * own.
 */
function isEmptyText({ enum: values }: JsonObject): boolean {
  return Array.isArray(values) && values.every((value) => value === '');
}
