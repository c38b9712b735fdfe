import type { DescriptorDraft } from '../descriptor/draft.ts';
import { wireName } from '../descriptor/wire-name.ts';
import { nameOf } from './check-parameters.ts';
import { readEndpoint } from './check-url.ts';
import type { OperationContext } from './operation-context.ts';

/** Checks that every `{x}` of the endpoint has a path parameter, and vice versa. */
export function checkPathParameters({ draft, operation, index, part, credentials }: OperationContext): void {
  const named = readEndpoint(draft, operation.endpoint, part.place('endpoint'));
  if (named === undefined) return;
  const inPath = new Set<string>();
  for (const { key, where, offset } of named) {
    inPath.add(key);
    if (where === 'query') {
      const hint = `Remove it from the endpoint and declare "${key}" with location: query.`;
      part.place('endpoint').error('parameter_in_query', `{${key}} is in the query of the URL`, hint, { offset });
    } else if (!isDeclared(draft, index, key) && credentials.keys?.includes(key)) {
      const hint = 'Put credentials into auth_headers or auth_query: URLs are written to logs.';
      part.place('endpoint').error('credential_in_url', `{${key}} is a credential`, hint, { offset });
    } else if (!isDeclared(draft, index, key)) {
      const hint = `Add a parameter with name: ${key} and location: path.`;
      part.place('endpoint').error('missing_parameter', `{${key}} has no path parameter`, hint, { offset });
    }
  }
  for (const [at, parameter] of operation.parameters.entries()) {
    const name = wireName(parameter);
    if (parameter.location !== 'path' || inPath.has(name)) continue;
    const place = nameOf(draft.at('operations', index, 'parameters', at), parameter);
    const hint = `Write {${name}} where it belongs, or choose another location.`;
    place.error('unknown_parameter', `The endpoint has no {${name}}`, hint);
  }
}

function isDeclared(draft: DescriptorDraft, index: number, name: string): boolean {
  const isNamed = draft.connector.operations[index]?.parameters.some((each) => {
    return each.location === 'path' && wireName(each) === name;
  });
  return isNamed || draft.hasUnnamed(['send_as', 'name'], 'operations', index, 'parameters');
}
