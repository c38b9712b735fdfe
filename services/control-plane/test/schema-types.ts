/** The part of JSON Schema that zod writes. */
export type JsonSchema = {
  $ref?: string;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  default?: unknown;
};

/** The type of values that a schema does not describe. */
export const JSON_TYPE = 'type Json = null | boolean | number | string | Json[] | { [name: string]: Json };';

/** The TypeScript type of the values that a schema allows, as text; `#/components/schemas/X` becomes `Schemas['X']`. */
export function toType(schema: JsonSchema): string {
  const { $ref, type = [], enum: values, anyOf, oneOf, allOf } = schema;
  if ($ref !== undefined) return `Schemas['${$ref.split('/').at(-1)}']`;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (values !== undefined) return values.map((value) => JSON.stringify(value)).join(' | ');
  const one = anyOf ?? oneOf;
  if (one !== undefined) return one.map((each) => `(${toType(each)})`).join(' | ');
  if (allOf !== undefined) return allOf.map((each) => `(${toType(each)})`).join(' & ');
  return (
    [type]
      .flat()
      .map((name) => toNamedType(name, schema))
      .join(' | ') || 'Json'
  );
}

function toNamedType(name: string, schema: JsonSchema): string {
  if (name === 'integer') return 'number';
  if (name === 'array') return `(${toType(schema.items ?? {})})[]`;
  return name === 'object' ? toObjectType(schema) : name;
}

function toObjectType({ properties, required = [], additionalProperties }: JsonSchema): string {
  const members = Object.entries(properties ?? {}).map(([name, member]) => {
    // A request may leave out a member that has a default. A response never does.
    const isPresent = required.includes(name) || member.default !== undefined;
    return `${JSON.stringify(name)}${isPresent ? '' : '?'}: ${toType(member)}`;
  });
  if (members.length > 0) return `{ ${members.join('; ')} }`;
  return `Record<string, ${typeof additionalProperties === 'object' ? toType(additionalProperties) : 'Json'}>`;
}
