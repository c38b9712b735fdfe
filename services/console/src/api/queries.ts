import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiError } from './api-error.ts';
import { sessionQuery } from './session-query.ts';

/** Answers are cached while they are in view, and loaded again when the window regains the focus. */
export function createQueries(): QueryClient {
  const checkSession = (error: Error) => {
    if (isRefused(error)) void queries.invalidateQueries(sessionQuery);
  };
  const queries = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, { queryKey }) =>
        queryKey[0] === sessionQuery.queryKey[0] ? toSignIn(error) : checkSession(error),
    }),
    mutationCache: new MutationCache({ onError: checkSession }),
    defaultOptions: {
      // Errors are shown immediately when offline: no request is queued for later, when nobody expects it any more.
      queries: {
        networkMode: 'always',
        staleTime: 5000,
        retry: (failures, error) => failures < 2 && isWorthRetrying(error),
      },
      // The answer to a change may contain a secret that is shown once, so it is kept no longer than its form.
      mutations: { networkMode: 'always', retry: false, gcTime: 0 },
    },
  });
  return queries;
}

/**
 * A session may expire after twelve hours or be ended elsewhere, somebody else may sign in from another window, and a
 * removed member receives 404.
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
