import { hashKey, type UseQueryResult, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { ApiError } from './api-error.ts';
import { type Answer, type Method, type Request, send } from './send.ts';
import { type Session, useHere } from './session.ts';
import { sessionQuery } from './session-query.ts';

export type Api = <Data>(method: Method, path: string, request?: Request) => Promise<Answer<Data>>;

/** Sends requests in the name of the person, in the workspace that is looked at. */
export function useApi(): Api {
  const { session, place } = useHere();
  const queries = useQueryClient();
  return async (method, path, request) => {
    const sendAs = ({ csrfToken }: Session) =>
      send<never>({ csrfToken, workspaceId: place.workspaceId }, method, path, request);
    return sendAs(session).catch(async (error: unknown) => {
      const isRefused = error instanceof ApiError && error.status === 403;
      if (!isRefused || method === 'GET') throw error;
      const present = await queries.fetchQuery({ ...sessionQuery, staleTime: 0 });
      // The same person has signed in anew in another window: only the session was wrong, and nothing was done.
      const isRenewed = present.person.id === session.person.id && present.csrfToken !== session.csrfToken;
      if (!isRenewed) throw error;
      return sendAs(present);
    });
  };
}

type Looking = {
  /** Milliseconds after which it is asked for again, while the window is looked at. */
  every?: number;
  isWanted?: boolean;
};

/** What leads through one list: its pages, and what is searched for in it. */
const WITHIN_LIST = ['page', 'before', 'q'];

/**
 * An answer of the API, kept by its path and query. While another page of a list or another search in it is read, the
 * earlier answer stays: never that to another question, and no empty one, which would say that there is nothing at all.
 */
export function useAnswer<Data>(
  path: string,
  query: NonNullable<Request['query']> = {},
  { every, isWanted = true }: Looking = {},
): UseQueryResult<Answer<Data>> {
  const api = useApi();
  const queryKey = [useHere().place.workspaceId, path, query] as const;
  return useQuery({
    queryKey,
    queryFn: ({ signal }) => api<Data>('GET', path, { query, signal }),
    placeholderData: (earlier, of) =>
      of !== undefined && toList(of.queryKey) === toList(queryKey) && !isEmpty(earlier) ? earlier : undefined,
    enabled: isWanted,
    ...(every === undefined ? {} : { refetchInterval: every }),
  });
}

type AnswerKey = readonly [workspaceId: string, path: string, query: NonNullable<Request['query']>];

function toList([workspaceId, path, query]: AnswerKey): string {
  const kept = Object.entries(query).filter(([name]) => !WITHIN_LIST.includes(name));
  return hashKey([workspaceId, path, Object.fromEntries(kept)]);
}

function isEmpty(answer: Answer<unknown> | undefined): boolean {
  return Array.isArray(answer?.data) && answer.data.length === 0;
}

type Changing<Input, Data> = {
  change: (api: Api, input: Input) => Promise<Data>;
  /** Paths whose answers, and those of all below, are not true any more. */
  outdates: readonly string[];
  onDone?: (data: Data, input: Input) => void;
  /** For who is still there: nobody is pulled away from another page. */
  onDoneHere?: (data: Data, input: Input) => void;
};

/** Something that changes something: what is shown of it is asked for anew. */
export function useChange<Input = void, Data = unknown>(changing: Changing<Input, Data>) {
  const { change, outdates, onDone, onDoneHere } = changing;
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
      onDone?.(data, input);
      if (isHere.current) onDoneHere?.(data, input);
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
