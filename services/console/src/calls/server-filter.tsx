import { useAnswer } from '../api/use-api.ts';
import { FilterText } from './filter-text.tsx';

/** Filters by slug, which people know. A deleted server can be found by its id. */
export function ServerFilter() {
  const servers = useAnswer('/mcp-servers', { query: { limit: 100, sortBy: 'updatedAt' } });
  return <FilterText name="serverId" label="Server" suggestions={(servers.data?.data ?? []).map(({ slug }) => slug)} />;
}
