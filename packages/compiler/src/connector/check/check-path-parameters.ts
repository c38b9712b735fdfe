import type { Site } from './check-operations.ts';
import { readEndpoint } from './check-url.ts';

/** Every `{x}` of the endpoint has a path parameter, and the other way round. */
export function checkPathParameters({ draft, operation, index, part }: Site): void {
  const endpoint = readEndpoint(operation.endpoint, part.place('endpoint'));
  if (endpoint === undefined) return;
  const inPath = new Set<string>();
  for (const piece of endpoint) {
    if (typeof piece === 'string' || !('key' in piece)) continue;
    const { key, where, offset } = piece;
    inPath.add(key);
    if (where === 'query') {
      const hint = `Remove it from the endpoint and declare "${key}" with location: query.`;
      part.place('endpoint').error('parameter_in_query', `{${key}} stands in the query of the URL`, hint, { offset });
    } else if (!isDeclared(draft, index, key)) {
      const hint = `Add a parameter with name: ${key} and location: path.`;
      part.place('endpoint').error('missing_parameter', `{${key}} has no path parameter`, hint, { offset });
    }
  }
  for (const [at, { name, send_as: sendAs = name, location }] of operation.parameters.entries()) {
    if (location !== 'path' || inPath.has(sendAs)) continue;
    const hint = `Write {${sendAs}} where it belongs, or choose another location.`;
    const message = `The endpoint has no {${sendAs}}`;
    draft.at('operations', index, 'parameters', at, 'name').error('unknown_parameter', message, hint);
  }
}

/** A parameter that is broken in itself is one as well. */
function isDeclared(draft: Site['draft'], index: number, name: string): boolean {
  const isNamed = draft.connector.operations[index]?.parameters.some((each) => {
    return each.location === 'path' && (each.send_as ?? each.name) === name;
  });
  if (isNamed) return true;
  if (!draft.isPartial('operations', index, 'parameters')) return false;
  const path = ['operations', index, 'parameters'];
  return draft.names('name', ...path).has(name) || draft.names('send_as', ...path).has(name);
}
