import { queryOptions } from '@tanstack/react-query';
import { send } from './send.ts';
import type { Session } from './session.ts';

/** The signed-in person and their workspaces. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async () => (await send<Session>({}, 'GET', '/session')).data,
  staleTime: 60_000,
});
