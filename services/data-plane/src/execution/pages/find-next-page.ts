import type { Json } from '@toolplane/contracts';
import type { Budget, Scope } from '@toolplane/expressions';
import type { EditUrl } from '../make-request.ts';
import type { BuiltRequest } from '../requests/build-request.ts';
import { findNextLink, toLinkedPage } from './next-link.ts';
import type { PreparedPagination } from './prepare-pagination.ts';
import { readQuery, withQuery } from './query-parameter.ts';

export type NextPage = {
  /** The value of the pagination parameter for this page. */
  value: string | number | null;
  edit: EditUrl;
};

/** A page that the upstream has returned. */
export type ReturnedPage = {
  request: BuiltRequest;
  /** Contains the response unmasked: the next request needs the secrets in it. */
  scope: Scope;
  itemCount: number;
  budget: Budget;
};

/** Returns undefined after the last page. Without a page size, only an empty page is known to be the last. */
export function findNextPage(pagination: PreparedPagination, page: ReturnedPage): NextPage | undefined {
  if (pagination.type === 'link') return findLinkedPage(pagination, page);
  const value = pagination.type === 'cursor' ? nextCursor(pagination, page) : nextNumber(pagination, page);
  const { parameter } = pagination;
  if (value === undefined || parameter === undefined) return undefined;
  return { value, edit: (url) => withQuery(url, parameter, String(value)) };
}

function findLinkedPage({ parameter }: PreparedPagination, { request, scope }: ReturnedPage): NextPage | undefined {
  const url = findNextLink(request.url, scope.response?.headers['link']);
  if (url === undefined) return undefined;
  const value = parameter === undefined ? undefined : readQuery(url, parameter);
  return { value: value ?? null, edit: (built, sent) => toLinkedPage(url, built, sent) };
}

/** Returns undefined for a cursor that equals the one of this page, because it leads nowhere. */
function nextCursor(
  pagination: PreparedPagination,
  { request, scope, budget }: ReturnedPage,
): string | number | undefined {
  const found: Json = pagination.nextCursor?.(scope, budget) ?? null;
  if (typeof found !== 'number' && typeof found !== 'string') return undefined;
  const { parameter = '' } = pagination;
  return found === '' || String(found) === readQuery(request.url, parameter) ? undefined : found;
}

/** The page begins at the value of the request's parameter, whether the plan or the caller set it. */
function nextNumber(
  { type, parameter = '', limitParameter }: PreparedPagination,
  page: ReturnedPage,
): number | undefined {
  const { request, itemCount } = page;
  const limit = limitParameter === undefined ? Number.NaN : Number(readQuery(request.url, limitParameter) ?? '');
  if (itemCount === 0 || itemCount < limit) return undefined;
  const begin = Number(readQuery(request.url, parameter) ?? (type === 'page' ? 1 : 0));
  const next = begin + (type === 'page' ? 1 : itemCount);
  return Number.isSafeInteger(next) ? next : undefined;
}
