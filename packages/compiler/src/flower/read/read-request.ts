import { type HttpMethod, httpMethods } from '@toolplane/contracts';
import type { Part } from '../../document/part.ts';
import { checkBodyType } from '../check/check-body-type.ts';
import type { Expression, Request } from '../model.ts';
import { ENTRIES_MAX, readExpression, readUrl } from './read-expression.ts';
import { readHeaders } from './read-headers.ts';

/** `step` is used as the location of a missing URL. */
export function readRequest(part: Part | undefined, step: Part): Request {
  part?.object();
  part?.allowKeys(['method', 'url', 'headers', 'query', 'body']);
  const method = part?.required('method')?.choice(httpMethods) ?? 'GET';
  const url = part?.required('url');
  const body = part?.member('body');
  const headers = readHeaders(part?.member('headers'));
  return {
    method,
    url: (url === undefined ? undefined : readUrl(url)) ?? unusableUrl(step),
    headers,
    query: readQuery(part?.member('query')),
    ...(body === undefined ? {} : { body: readBody(body, method, headers) }),
  };
}

/** Replaces a URL that was reported, so that the rest of the step is still checked. */
function unusableUrl(part: Part): Request['url'] {
  return { part, template: { kind: 'parts', parts: [] }, references: [] };
}

function readQuery(part: Part | undefined): Expression[] {
  const entries = part?.entries({ max: ENTRIES_MAX }) ?? [];
  return entries.map(([name, value]) => {
    const values = Array.isArray(value.value) ? value.value : [value.value];
    if (values.some((each) => typeof each === 'object' && each !== null)) {
      const hint = 'Write one entry per parameter; a list repeats the parameter.';
      value.error('invalid_query', 'A query value must be text, a number, true, false or a list of those', hint);
    }
    return readExpression(name, value);
  });
}

function readBody(part: Part, method: HttpMethod, headers: Expression[]): Expression {
  if (method === 'GET' || method === 'HEAD') {
    part.error('body_not_allowed', `A ${method} request has no body`, 'Use query, or another method.', { at: 'key' });
  }
  const body = readExpression('body', part);
  checkBodyType(body, contentTypeOf(headers));
  return body;
}

/** Returns undefined if the header is missing or its value is known only during a call. */
function contentTypeOf(headers: Expression[]): string | undefined {
  const template = headers.find(({ name }) => name.toLowerCase() === 'content-type')?.template;
  return template?.kind === 'literal' && typeof template.value === 'string' ? template.value : undefined;
}
