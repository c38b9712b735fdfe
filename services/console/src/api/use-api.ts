import { type UseQueryResult, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { type Answer, type Method, type Request, send } from './send.ts';
import { useHere } from './session.ts';

export type Api = <Data>(method: Method, path: string, request?: Request) => Promise<Answer<Data>>;

/** Sends requests in the name of the person, in the workspace that is looked at. */
export function useApi(): Api {
  const { session, place } = useHere();
  const sender = { csrfToken: session.csrfToken, workspaceId: place.workspaceId };
  return (method, path, request) => send(sender, method, path, request);
}

type Looking = {
  /** Milliseconds after which it is asked for again, while the window is looked at. */
  every?: number;
  isWanted?: boolean;
};

/** An answer of the API, kept by its path and query. */
export function useAnswer<Data>(
  path: string,
  query: NonNullable<Request['query']> = {},
  { every, isWanted = true }: Looking = {},
): UseQueryResult<Answer<Data>> {
  const api = useApi();
  return useQuery({
    queryKey: [useHere().place.workspaceId, path, query],
    queryFn: ({ signal }) => api<Data>('GET', path, { query, signal }),
    enabled: isWanted,
    ...(every === undefined ? {} : { refetchInterval: every }),
  });
}

type Changing<Input, Data> = {
  change: (api: Api, input: Input) => Promise<Data>;
  /** Paths whose answers, and those of all below, are not true any more. */
  outdates: readonly string[];
  /** Not for who has gone elsewhere meanwhile: nobody is pulled away from another page. */
  onDone?: (data: Data, input: Input) => void;
};

/** Something that changes something: what is shown of it is asked for anew. */
export function useChange<Input = void, Data = unknown>({ change, outdates, onDone }: Changing<Input, Data>) {
  const api = useApi();
  const queries = useQueryClient();
  const { workspaceId } = useHere().place;
  const isHere = useRef(true);
  useEffect(() => {
    isHere.current = true;
    return () => {
      isHere.current = false;
    };
  }, []);
  return useMutation({
    mutationFn: (input: Input) => change(api, input),
    onSuccess: (data, input) => {
      if (isHere.current) onDone?.(data, input);
    },
    // Also after an error: what was refused may have been decided by somebody else.
    onSettled: () =>
      queries.invalidateQueries({
        predicate: ({ queryKey: [workspace, path] }) =>
          workspace === workspaceId && outdates.some((prefix) => isWithin(String(path), prefix)),
      }),
  });
}

function isWithin(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`);
}
