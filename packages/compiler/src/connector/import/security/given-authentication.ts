import { headerNameProblem } from '../../../http/header-name.ts';
import type { OpenApiOperation, SecurityNeed } from '../../../openapi/model.ts';
import type { SourceProblem } from '../../../openapi/parse-content.ts';

/**
 * The authentication that the API requires, as declared by the caller of the import; `header` is the header of a key.
 */
export type GivenAuthentication = { type: 'bearer' | 'basic' } | { type: 'api_key'; header: string };

export function givenProblem(given: GivenAuthentication): SourceProblem | undefined {
  const problem = given.type === 'api_key' ? headerNameProblem(given.header) : undefined;
  return problem && { ...problem, message: `options.authentication.header: ${problem.message}` };
}

/** Adds the given authentication to operations whose document declares no security. */
export function withGiven(
  operations: readonly OpenApiOperation[],
  given: GivenAuthentication | undefined,
): OpenApiOperation[] {
  if (given === undefined) return [...operations];
  const need = { schemeName: freeName(operations, given.type), scopes: [], scheme: toScheme(given) };
  return operations.map((operation) => (operation.declaresSecurity ? operation : { ...operation, security: [[need]] }));
}

function toScheme(given: GivenAuthentication): SecurityNeed['scheme'] {
  if (given.type === 'api_key') return { type: 'apiKey', in: 'header', name: given.header };
  return { type: 'http', scheme: given.type };
}

/** The name must be free, because schemes of the same name are one way to sign in. */
function freeName(operations: readonly OpenApiOperation[], wanted: string): string {
  const taken = new Set(operations.flatMap(({ security }) => security.flat().map(({ schemeName }) => schemeName)));
  let name = wanted;
  for (let number = 2; taken.has(name); number += 1) name = `${wanted}_${number}`;
  return name;
}
