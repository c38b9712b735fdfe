import { parseBraces } from '../descriptor/parse-braces.ts';
import { wireName } from '../descriptor/wire-name.ts';
import { nameOf } from './check-parameters.ts';
import { isReadAs } from './is-read-as.ts';
import type { OperationContext } from './operation-context.ts';

/**
 * If a name occurs twice in a query, some servers use the first value and others the last: therefore, a name that the
 * endpoint fixes must occur only once.
 */
export function checkFixedQuery({ draft, operation, index, part, credentials }: OperationContext): void {
  const fixed = fixedNames(operation.endpoint);
  const credential = credentials.query.find(([key]) => fixed.some((name) => isReadAs(name, key)));
  if (credential !== undefined) {
    const message = `The query of the endpoint sets "${credential[0]}", which auth_query also sends`;
    part.place('endpoint').error('credential_query', message, 'Keep it in auth_query.');
  }
  for (const [at, parameter] of operation.parameters.entries()) {
    const name = wireName(parameter);
    const over = parameter.location === 'query' ? fixed.find((each) => isSameOrInside(each, name)) : undefined;
    if (over === undefined) continue;
    const message = `"${name}" can overwrite "${over}", which the query of the endpoint fixes`;
    const hint = 'Keep one of them: a hidden parameter also has a fixed value.';
    nameOf(draft.at('operations', index, 'parameters', at), parameter).error('conflicting_parameter', message, hint);
  }
}

/** Returns the decoded names in the query of a URL. An invalid endpoint is reported elsewhere. */
function fixedNames(endpoint: string): string[] {
  const text = parseBraces(endpoint)
    .pieces.map((piece) => (typeof piece === 'string' ? piece : '1'))
    .join('');
  const [, query = ''] = text.split(/\?(.*)/s, 2);
  return [...new URLSearchParams(query).keys()];
}

/** Brackets in names denote nesting: `filter[role]` is a part of `filter`. */
function isSameOrInside(name: string, other: string): boolean {
  return name === other || name.startsWith(`${other}[`) || other.startsWith(`${name}[`);
}
