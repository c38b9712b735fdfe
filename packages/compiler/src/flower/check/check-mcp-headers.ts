import { isHttpToken } from '@toolplane/contracts';
import type { Part } from '../../document/part.ts';
import { looksLikeCredential } from '../../ergonomics/looks-like-credential.ts';

/**
 * `x-mcp-header` makes a client repeat an argument in a header, which everything between the client and the tool can
 * read. Clients would refuse the whole tool if it broke one of MCP's rules for it.
 */

const KEY = 'x-mcp-header';
const types = ['string', 'integer', 'boolean'];

/** Keywords whose schemas a client does not search for headers. */
const unreachable = [
  'items',
  'prefixItems',
  'additionalItems',
  'contains',
  'additionalProperties',
  'unevaluatedProperties',
  'unevaluatedItems',
  'propertyNames',
  'patternProperties',
  'dependentSchemas',
  'dependencies',
  'oneOf',
  'anyOf',
  'allOf',
  'not',
  'if',
  'then',
  'else',
  '$defs',
  'definitions',
];
const mapsOfSchemas = ['patternProperties', 'dependentSchemas', 'dependencies', '$defs', 'definitions'];

export function checkMcpHeaders(inputs: Part): void {
  const seen = new Set<string>();
  visit(inputs, { isReachable: false, path: [] });

  function visit(schema: Part, { isReachable, path }: { isReachable: boolean; path: string[] }): void {
    const header = schema.member(KEY);
    if (header !== undefined) checkHeader(header, schema, { isReachable, name: path.at(-1) ?? '' }, seen);
    const isRoot = path.length === 0;
    for (const [name, property] of membersOf(schema.member('properties'))) {
      visit(property, { isReachable: isReachable || isRoot, path: [...path, name] });
    }
    for (const keyword of unreachable) {
      const member = schema.member(keyword);
      if (member === undefined) continue;
      const isMany = Array.isArray(member.value) || mapsOfSchemas.includes(keyword);
      const schemas = isMany ? membersOf(member) : [[keyword, member] as const];
      for (const [name, inner] of schemas) visit(inner, { isReachable: false, path: [...path, name] });
    }
  }
}

function checkHeader(
  header: Part,
  schema: Part,
  { isReachable, name }: { isReachable: boolean; name: string },
  seen: Set<string>,
): void {
  const report = (message: string, hint: string): void => header.error('invalid_mcp_header', message, hint);
  const type = schema.member('type')?.value;
  if (typeof header.value !== 'string' || !isHttpToken(header.value)) {
    report('The name of a header is a token', 'Use letters, digits and "-".');
    return;
  }
  if (!isReachable) {
    report(
      'A client finds a header only in properties and their nested properties',
      'Move the property, or remove this.',
    );
  } else if (typeof type !== 'string' || !types.includes(type)) {
    report('Only a string, an integer or a boolean can be sent as a header', `Write a type: ${types.join(', ')}.`);
  }
  if (looksLikeCredential(name, schema.value)) {
    report('An input that looks like a credential cannot be sent as a header', 'Store it as a secret: $secrets.NAME.');
  }
  const lower = header.value.toLowerCase();
  if (seen.has(lower))
    report(`The header "${header.value}" is used twice`, 'Upper and lower case make no difference in header names.');
  seen.add(lower);
}

/**
 * Returns the members of an object or a list. A value of another type has none, which the check of the schema reports.
 */
function membersOf(part: Part | undefined): [string, Part][] {
  if (typeof part?.value !== 'object' || part.value === null) return [];
  return Object.keys(part.value).flatMap((key) => {
    const member = part.member(key) ?? part.item(Number(key));
    return member === undefined ? [] : [[key, member]];
  });
}
