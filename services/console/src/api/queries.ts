import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiError } from './api-error.ts';

/** Answers are kept for as long as somebody looks at them, and asked for anew when a window is looked at again. */
export function createQueries(): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({ onError: toSignIn }),
    mutationCache: new MutationCache({ onError: toSignIn }),
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
}

function isWorthRetrying(error: Error): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status === 503);
}

/** A session ends after twelve hours, or from elsewhere. */
function toSignIn(error: Error): void {
  if (!(error instanceof ApiError) || error.status !== 401) return;
  const here = `${location.pathname}${location.search}`;
  location.assign(`/sign-in?return_to=${encodeURIComponent(here)}`);
}
