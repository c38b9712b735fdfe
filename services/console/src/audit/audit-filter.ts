/** What the API can be asked for, by the names that it has there; in the URL of the page by the same. */
export const FILTERS = ['actor', 'action', 'outcome', 'kind', 'workspaceId', 'from', 'to'] as const;

export type AuditFilter = { [Name in (typeof FILTERS)[number]]?: string };

export function readFilter(search: URLSearchParams): AuditFilter {
  return Object.fromEntries(FILTERS.flatMap((name) => (search.get(name) ? [[name, search.get(name)]] : [])));
}
