import { type ErrorCode, toAppError } from '@toolplane/contracts';
import type { AnyRoute, Input } from './route.ts';

/** A request that is allowed, valid and about to change something. */
export type Change<Principal> = {
  principal: Principal;
  route: Pick<AnyRoute<Principal>, 'operationId' | 'method' | 'path'>;
  params: Record<string, string>;
  /** Whose request it is: of the other end of the connection, or as a trusted proxy names it. */
  address: string;
  /** At the thing that it changes; undefined where there is none. With `params` where better ones are known. */
  look(params?: Record<string, string>): Promise<Look | undefined>;
};

/**
 * What GET answers at a path with these parameters, at this moment; undefined if there is nothing. `isUnknown`: the
 * database was away when the change was done, so only its place is known.
 */
export type Look = { path: string; params: Record<string, string>; shown: unknown; isUnknown?: true };

/** How it ended. `look` sees a thing that was only just made, which has another path than what it was made in. */
export type ChangeEnd = Pick<Change<never>, 'look'> & ({ status: number } | { code: ErrorCode });

/** Rejects when the change must not be made, because it could not be recorded. */
export type RecordChange<Principal> = (change: Change<Principal>) => Promise<(end: ChangeEnd) => Promise<void>>;

type Reply = { status: number; body?: unknown };

/** A GET changes nothing, and no more does a question that needs a body. */
export function isChange({ method, isQuestion }: Pick<AnyRoute<never>, 'method' | 'isQuestion'>): boolean {
  return method !== 'get' && isQuestion !== true;
}

/**
 * Looks at what a request changes through the route that shows it, so nothing is seen that GET would not give: no
 * secret, and no field that the answer does not declare.
 */
export function createLook<Principal>(routes: readonly AnyRoute<Principal>[]) {
  const gets = new Map(routes.filter(({ method }) => method === 'get').map((route) => [route.path, route]));

  async function show(route: AnyRoute<Principal>, principal: Principal, params: Record<string, string>) {
    const input = {
      params: parse(route.params, params),
      query: parse(route.query, {}),
      headers: parse(route.headers, {}),
    };
    const { status, body }: Reply = await route.handle({ principal, ...input, body: {} });
    const shown = route.responses[status]?.body?.parse(body) as { data?: unknown } | undefined;
    return shown?.data;
  }

  return async (
    changing: Pick<AnyRoute<Principal>, 'path'>,
    { principal, params, reply }: { principal: Principal; params: Record<string, string>; reply?: Reply },
  ): Promise<Look | undefined> => {
    const place = placeOf(gets, changing.path, params, reply);
    if (place === undefined) return undefined;
    const path = place.route.path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => place.params[name] ?? '');
    const { params: named } = place;
    try {
      return { path, params: named, shown: await show(place.route, principal, named) };
    } catch (thrown) {
      // What is not there, or is not to be seen, is nothing. Without the database nobody knows.
      if (toAppError(thrown).code !== 'config_unavailable') return { path, params: named, shown: undefined };
      if (reply === undefined) throw thrown;
      return { path, params: named, shown: undefined, isUnknown: true };
    }
  };
}

/** The nearest path upwards that shows one thing; of a thing that was made, the path with its id. */
function placeOf<Route>(
  gets: ReadonlyMap<string, Route>,
  path: string,
  params: Record<string, string>,
  reply: Reply | undefined,
): { route: Route; params: Record<string, string> } | undefined {
  for (const [shownPath, route] of gets) {
    const [, name] = shownPath.startsWith(`${path}/`)
      ? (/^\{(\w+)\}$/.exec(shownPath.slice(path.length + 1)) ?? [])
      : [];
    const made = name === undefined ? undefined : idOfMade(reply, name);
    if (name !== undefined && made !== undefined) return { route, params: { ...params, [name]: made } };
  }
  for (let rest = path; rest.includes('{'); rest = rest.slice(0, rest.lastIndexOf('/'))) {
    const route = gets.get(rest);
    // A list is not one thing.
    if (route === undefined || isList(gets, rest)) continue;
    const names = [...rest.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
    return { route, params: Object.fromEntries(names.map((name) => [name, params[name] ?? ''])) };
  }
  return undefined;
}

/** Under the name that the path has for it, or simply as `id`. */
function idOfMade(reply: Reply | undefined, name: string): string | undefined {
  const { data } = (reply?.body ?? {}) as { data?: unknown };
  return memberOf(data, name) ?? memberOf(data, 'id');
}

function isList(gets: ReadonlyMap<string, unknown>, path: string): boolean {
  return [...gets.keys()].some((other) => other.startsWith(`${path}/{`) && !other.slice(path.length + 1).includes('/'));
}

function memberOf(value: unknown, name: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const member = (value as Record<string, unknown>)[name];
  return typeof member === 'string' ? member : undefined;
}

function parse(schema: Input | undefined, value: unknown): Record<string, unknown> {
  return schema === undefined ? {} : schema.parse(value);
}
