import type { Json, JsonObject, PlanParameter, PlanRequest } from '@toolplane/contracts';
import type { Scope } from '@toolplane/expressions';
import { type BuiltRequest, buildRequest } from '../src/execution/requests/build-request.ts';
import { prepareRequest } from '../src/execution/requests/prepare-request.ts';

type Place = PlanParameter['in'];
type Rest = Partial<Omit<PlanParameter, 'name' | 'in' | 'value'>>;

const styles = { path: 'simple', header: 'simple', query: 'form', cookie: 'form', querystring: 'form' } as const;

export const API = 'https://api.example.com';

/** Builds a parameter with the defaults of OpenAPI; an undefined value becomes a reference to nothing. */
export function parameterOf(place: Place, name: string, value: Json | undefined, rest: Rest = {}): PlanParameter {
  const style = rest.style ?? styles[place];
  return {
    name,
    in: place,
    style,
    explode: style === 'form',
    ...rest,
    value: value === undefined ? { kind: 'reference', path: ['inputs', 'nothing'] } : { kind: 'literal', value },
  };
}

/** Builds a request to `GET https://api.example.com/x`, followed by the path parameters, each as a segment. */
export function requestOf({ parameters = [], ...rest }: Partial<PlanRequest> = {}): PlanRequest {
  const path = parameters.filter((parameter) => parameter.in === 'path');
  return {
    method: 'GET',
    headers: [],
    query: [],
    parameters,
    url: { kind: 'operation', parts: [`${API}/x`, ...path.flatMap(({ name }) => ['/', { parameter: name }])] },
    ...rest,
  };
}

export function build(request: Partial<PlanRequest>, scope: Partial<Scope> = {}): BuiltRequest {
  return buildRequest(prepareRequest(requestOf(request)), scopeOf(scope));
}

/** Builds a request with the body as a literal. */
export function buildBody(body: Json, rest: Partial<PlanRequest>): BuiltRequest {
  return build({ method: 'POST', body: { kind: 'literal', value: body }, ...rest });
}

export function scopeOf(rest: Partial<Scope> = {}): Scope {
  const inputs: JsonObject = {};
  return { inputs, steps: {}, outputs: {}, secrets: {}, current_user: {}, config: {}, ...rest };
}
