import { z } from 'zod';

/** The part of JSON Schema that is shown; anything else is ignored. */
const propertySchema = z.object({
  type: z.union([z.string(), z.array(z.string()).transform((types) => types.join(' or '))]).catch(''),
  description: z.string().catch(''),
  enum: z.array(z.unknown()).optional().catch(undefined),
  const: z.unknown().optional(),
  default: z.unknown().optional(),
  properties: z.record(z.string(), z.unknown()).catch({}),
  required: z.array(z.string()).catch([]),
  items: z.unknown().optional(),
  oneOf: z.array(z.unknown()).optional().catch(undefined),
  anyOf: z.array(z.unknown()).optional().catch(undefined),
});
type Property = z.infer<typeof propertySchema>;

const DEPTH_MAX = 4;
const nothing = propertySchema.parse({});

/** The properties of an object, one per line, with nested ones below: `number (integer, required): Of the train`. */
export function toSchemaLines(schema: unknown, depth = 0): string[] {
  const { properties, required } = parse(schema);
  if (depth === DEPTH_MAX) return [];
  return Object.entries(properties).flatMap(([name, value]) => {
    const property = parse(value);
    const facts = [typeOf(property), required.includes(name) ? 'required' : '', defaultOf(property)].filter(Boolean);
    const described =
      property.description === '' ? '' : `: ${property.description.trim().replaceAll(/\s*\n\s*/g, ' ')}`;
    const inside = property.items === undefined ? value : property.items;
    return [
      `${name}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}${described}`,
      ...toSchemaLines(inside, depth + 1).map((line) => `  ${line}`),
    ];
  });
}

function parse(schema: unknown): Property {
  const parsed = propertySchema.safeParse(schema);
  return parsed.success ? parsed.data : nothing;
}

function typeOf({ type, enum: values, const: constant, items, oneOf, anyOf }: Property): string {
  if (values !== undefined) return `one of ${values.map((value) => JSON.stringify(value)).join(', ')}`;
  if (constant !== undefined) return JSON.stringify(constant);
  const alternatives = oneOf ?? anyOf;
  if (alternatives !== undefined && type === '') {
    return [...new Set(alternatives.map((each) => typeOf(parse(each))))].join(' or ');
  }
  if (items !== undefined) return `list of ${typeOf(parse(items)) || 'anything'}`;
  return type;
}

function defaultOf({ default: value }: Property): string {
  return value === undefined ? '' : `default ${JSON.stringify(value)}`;
}
