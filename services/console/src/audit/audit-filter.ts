/** The filters, with the names that they have in the API. The URL of the page uses the same names. */
export const FILTERS = ['actorId', 'action', 'outcome', 'kind', 'workspaceId', 'from', 'to'] as const;

export type AuditSearch = { [Name in (typeof FILTERS)[number]]?: string };

export function readFilter(search: URLSearchParams): AuditSearch {
  return Object.fromEntries(FILTERS.flatMap((name) => (search.get(name) ? [[name, search.get(name)]] : [])));
}
