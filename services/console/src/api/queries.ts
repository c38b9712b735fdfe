import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiError } from './api-error.ts';
import { sessionQuery } from './session-query.ts';

/** Answers are kept for as long as somebody looks at them, and asked for anew when a window is looked at again. */
export function createQueries(): QueryClient {
  const lookWhoIsHere = (error: Error) => {
    if (isRefused(error)) void queries.invalidateQueries(sessionQuery);
  };
  const queries = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, { queryKey }) =>
        queryKey[0] === sessionQuery.queryKey[0] ? toSignIn(error) : lookWhoIsHere(error),
    }),
    mutationCache: new MutationCache({ onError: lookWhoIsHere }),
    defaultOptions: {
      // Offline an error is told at once: nothing is kept to be done later, when nobody thinks of it any more.
      queries: {
        networkMode: 'always',
        staleTime: 5000,
        retry: (failures, error) => failures < 2 && isWorthRetrying(error),
      },
      // What a change answered may hold a secret that is shown once: it is kept no longer than its form.
      mutations: { networkMode: 'always', retry: false, gcTime: 0 },
    },
  });
  return queries;
}

/**
 * A session ends after twelve hours or from elsewhere, in another window one of somebody else may have begun, and whoever is
 * a member no more finds nothing.
 */
function isRefused(error: Error): boolean {
  return error instanceof ApiError && [401, 403, 404].includes(error.status);
}

function isWorthRetrying(error: Error): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status === 503);
}

function toSignIn(error: Error): void {
  if (!(error instanceof ApiError) || error.status !== 401) return;
  const here = `${location.pathname}${location.search}`;
  location.assign(`/sign-in?return_to=${encodeURIComponent(here)}`);
}
