import { appendPointer, isJsonObject } from '@toolplane/contracts';
import type { Part } from '../../document/part.ts';
import { closestName, suggestName } from '../../document/suggest-name.ts';
import { openers } from './check-input.ts';

/** JSON Schema ignores unknown keywords, so a misspelled keyword would silently have no effect. */

/** Keywords of members of the value: whatever such a schema requires must be declared in it, not around it. */
const ofMembers = ['items', 'prefixItems', 'additionalItems', 'additionalProperties', 'contains'];
const mapsOfMembers = ['properties', 'patternProperties', '$defs', 'definitions'];
const ofSameValue = ['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', 'propertyNames', 'contentSchema'];
const ofTheRest = ['unevaluatedItems', 'unevaluatedProperties'];
const mapsOfSameValue = ['dependentSchemas', 'dependencies'];

const schemaKeywords = [...ofMembers, ...mapsOfMembers, ...ofSameValue, ...ofTheRest, ...mapsOfSameValue];
const maps = [...mapsOfMembers, ...mapsOfSameValue];
const keywords = [
  ...schemaKeywords,
  'type',
  'enum',
  'const',
  'required',
  'dependentRequired',
  'default',
  'examples',
  'title',
  'description',
  'minLength',
  'maxLength',
  'pattern',
  'format',
  'contentEncoding',
  'contentMediaType',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minContains',
  'maxContains',
  'minProperties',
  'maxProperties',
  'deprecated',
  'readOnly',
  'writeOnly',
  'nullable',
  '$schema',
  '$id',
  '$ref',
  '$anchor',
  '$comment',
  '$dynamicRef',
  '$dynamicAnchor',
  '$vocabulary',
];

export function checkSchemaKeywords(schema: Part): void {
  visit(schema, true);
}

function visit(schema: Part, isWhole: boolean): void {
  if (!isJsonObject(schema.value)) return;
  for (const [key, member] of schema.entries()) {
    if (schemaKeywords.includes(key)) visitInside(key, member);
    else if (!keywords.includes(key) && !key.startsWith('x-')) warnOfKey(key, member);
  }
  if (isWhole) checkRequired(schema);
}

function visitInside(key: string, member: Part): void {
  const isWhole = ofMembers.includes(key) || mapsOfMembers.includes(key);
  if (Array.isArray(member.value)) {
    for (const index of member.value.keys()) visit(member.place(index), isWhole);
  } else if (!maps.includes(key)) {
    visit(member, isWhole);
  } else if (isJsonObject(member.value)) {
    for (const [, inner] of member.entries()) visit(inner, isWhole);
  }
}

function warnOfKey(key: string, member: Part): void {
  const message = `"${key}" is not a JSON Schema keyword and has no effect here`;
  // An object is probably a property, unless its key is similar to a keyword that has schemas.
  const meant = isJsonObject(member.value) ? closestName(key, schemaKeywords, 2) : closestName(key, keywords);
  const otherwise = isJsonObject(member.value)
    ? 'Inputs, and what is inside them, are declared under "properties".'
    : 'Remove it, or begin your own key with "x-".';
  const hint = meant === undefined ? otherwise : `Did you mean "${meant}"?`;
  member.warn('unknown_schema_keyword', message, hint, { at: 'key' });
}

/**
 * Checks a schema only if it contains all properties. A call without an undeclared required property would be refused.
 */
function checkRequired(schema: Part): void {
  const required = schema.member('required');
  const isOpen = openers.some((keyword) => (schema.member(keyword)?.value ?? false) !== false);
  if (isOpen || !Array.isArray(required?.value)) return;
  const properties = schema.member('properties')?.value;
  const names = isJsonObject(properties) ? Object.keys(properties) : [];
  for (const [index, name] of required.value.entries()) {
    if (typeof name !== 'string' || names.includes(name)) continue;
    const pointer = appendPointer(required.pointer, index);
    const hint = suggestName(name, names, 'Declared');
    const message = `"${name}" is required but not declared under "properties"`;
    schema.problems.warn('undeclared_required', pointer, message, hint);
  }
}
