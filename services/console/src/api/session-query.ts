import { queryOptions } from '@tanstack/react-query';
import { createHostApi } from './send.ts';

/** The signed-in person and their workspaces. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async () => (await createHostApi().GET('/session')).data,
  staleTime: 60_000,
});
