import { type HttpMethod, isIdempotent, type PlanParameter, type PlanRequest } from '@toolplane/contracts';
import { compileTemplate, compileUrl, type EvaluateTemplate, type EvaluateUrl } from '@toolplane/expressions';
import { type NamedTemplate, prepareNamed } from '../named-template.ts';

/** A request with its expressions compiled to functions, made once per plan. */
export type PreparedRequest = Pick<PlanRequest, 'bodyType' | 'fields'> & {
  method: HttpMethod;
  url: EvaluateUrl;
  /**
   * True if values of a call determine the host, so that it must be checked against the hosts that the server allows.
   */
  isHostComputed: boolean;
  headers: NamedTemplate[];
  query: NamedTemplate[];
  parameters: PreparedParameter[];
  body: EvaluateTemplate | undefined;
  returnsRedirects: boolean;
  /** The name of the header in lower case. */
  idempotencyHeader: string | undefined;
  isIdempotent: boolean;
  /**
   * True if sending the request again after a lost response has no further effect: it is idempotent, or it has a key.
   */
  canBeTriedAgain: boolean;
};

export type PreparedParameter = Omit<PlanParameter, 'value'> & { value: EvaluateTemplate };

export function prepareRequest(request: PlanRequest): PreparedRequest {
  const { method, url, headers, query, parameters = [], body, bodyType, fields, returnsRedirects = false } = request;
  return {
    method,
    bodyType,
    fields,
    returnsRedirects,
    idempotencyHeader: request.idempotencyKey?.header.toLowerCase(),
    isIdempotent: isIdempotent(request),
    canBeTriedAgain: isIdempotent(request) || request.idempotencyKey !== undefined,
    url: compileUrl(url),
    isHostComputed:
      url.kind === 'whole' ||
      (url.kind === 'parts' && url.parts.some((part) => typeof part === 'object' && part.where === 'host')),
    headers: headers.map(([name, template]) => prepareNamed([name.toLowerCase(), template])),
    query: query.map(prepareNamed),
    parameters: parameters.map((parameter) => ({ ...parameter, value: compileTemplate(parameter.value) })),
    body: body === undefined ? undefined : compileTemplate(body),
  };
}
