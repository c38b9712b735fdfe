import fc from 'fast-check';
import { parse } from 'yaml';
import { ticketSystem } from './connector.example.ts';

type Path = (string | number)[];

/** Generates the descriptor of the ticket system in JSON, with other values in one to three places. */
export function mutatedDescriptors(): fc.Arbitrary<string> {
  const value: unknown = parse(ticketSystem);
  const odd = fc.oneof(
    fc.constantFrom(null, '', '{', '{{', '{x}', '$', '__proto__', '§', -1, 0.5, true, [], {}, [[]]),
    fc.constantFrom('constructor', 'toString', 'https://{config.x}', 'x'.repeat(5000), { __proto__x: 1 }),
    fc.string(),
    fc.jsonValue({ maxDepth: 2 }),
  );
  const change = fc.tuple(fc.constantFrom(...placesOf(value)), odd);
  return fc
    .array(change, { minLength: 1, maxLength: 3 })
    .map((changes) => JSON.stringify(changes.reduce((before, [path, each]) => withValue(before, path, each), value)));
}

function placesOf(value: unknown): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const segment = Array.isArray(value) ? Number(key) : key;
    return [[segment], ...placesOf(member).map((path): Path => [segment, ...path])];
  });
}

function withValue(root: unknown, [key, ...deeper]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(root)) return root.map((item, index) => (index === key ? withValue(item, deeper, value) : item));
  if (typeof root !== 'object' || root === null) return root;
  const entries = Object.entries(root).map(([name, member]) => {
    return [name, name === key ? withValue(member, deeper, value) : member];
  });
  return Object.fromEntries(entries);
}
