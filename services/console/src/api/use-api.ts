import { hashKey, type UseQueryResult, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import {
  type AnswerTo,
  type ApiClient,
  type ParamsOf,
  type PathWith,
  type Session,
  toPath,
} from '@toolplane/api-client';
import { useEffect, useRef } from 'react';
import { ApiError } from './api-error.ts';
import { createHostApi, type QueryParameters, send, withToken } from './send.ts';
import { useHere } from './session.ts';
import { sessionQuery } from './session-query.ts';

/** Sends requests on behalf of the person, in the current workspace. */
export function useApi(): ApiClient {
  const { session, place } = useHere();
  const queries = useQueryClient();
  const sendChange = async (request: Request) => {
    // A request can be sent only once. A clone would send a stream, which whoever inspects requests cannot read.
    const body = (await request.text()) || null;
    const sendAs = ({ csrfToken }: Session) => send(withToken(new Request(request, { body }), csrfToken));
    return sendAs(session).catch(async (error: unknown) => {
      if (!(error instanceof ApiError) || error.status !== 403) throw error;
      const present = await queries.fetchQuery({ ...sessionQuery, staleTime: 0 });
      // The same person has signed in again in another window. Only the session was outdated, and nothing was done.
      const isRenewed = present.person.id === session.person.id && present.csrfToken !== session.csrfToken;
      if (!isRenewed) throw error;
      return sendAs(present);
    });
  };
  return createHostApi({
    workspaceId: place.workspaceId,
    send: (request) => (request.method === 'GET' ? send(request) : sendChange(request)),
  });
}

type Looking = {
  /** Milliseconds after which it is loaded again, as long as the window is in view. */
  every?: number;
  isWanted?: boolean;
};

/** Query parameters for the position in a list: its page and its search text. */
const WITHIN_LIST = ['page', 'before', 'q'];

/**
 * An answer of the API, cached by its path and query. While another page or search of the same list is loading, the
 * earlier answer remains. The answer to a different query is never shown, nor an empty one, which would mean that
 * nothing exists.
 */
export function useAnswer<Path extends PathWith<'get'>>(
  path: Path,
  params: ParamsOf<Path, 'get'>,
  { every, isWanted = true }: Looking = {},
): UseQueryResult<AnswerTo<Path, 'get'>> {
  const api = useApi();
  const { path: named = {}, query = {} } = params as { path?: Record<string, string>; query?: QueryParameters };
  // For any path, the compiler cannot tell that this is what its request consists of.
  const get: (path: Path, request: object) => Promise<AnswerTo<Path, 'get'>> = api.GET as never;
  const queryKey = [useHere().place.workspaceId, toPath(path, named), query] as const;
  return useQuery({
    queryKey,
    queryFn: ({ signal }) => get(path, { params, signal }),
    placeholderData: (earlier, of) =>
      of !== undefined && toList(of.queryKey) === toList(queryKey) && !isEmpty(earlier) ? earlier : undefined,
    enabled: isWanted,
    ...(every === undefined ? {} : { refetchInterval: every }),
  });
}

type AnswerKey = readonly [workspaceId: string, path: string, query: QueryParameters];

function toList([workspaceId, path, query]: AnswerKey): string {
  const kept = Object.entries(query).filter(([name]) => !WITHIN_LIST.includes(name));
  return hashKey([workspaceId, path, Object.fromEntries(kept)]);
}

function isEmpty(answer: object | undefined): boolean {
  return answer !== undefined && 'data' in answer && Array.isArray(answer.data) && answer.data.length === 0;
}

type Changing<Input, Data> = {
  change: (api: ApiClient, input: Input) => Promise<Data>;
  /** Paths whose cached answers, and those of all paths below, become stale. */
  outdates: readonly string[];
  onDone?: (data: Data, input: Input) => void;
  /** Called only if the component is still mounted, so that nobody is pulled away from another page. */
  onDoneHere?: (data: Data, input: Input) => void;
};

/** A change. The data that it makes stale is loaded again. */
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
    // Also runs after an error, because somebody else may have made the decision.
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
