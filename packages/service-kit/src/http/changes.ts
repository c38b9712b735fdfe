import { type ErrorCode, toAppError } from '@toolplane/contracts';
import type { AnyRoute, Input } from './route.ts';

/** A request that is allowed, valid and about to change something. */
export type RequestedChange<Principal> = {
  principal: Principal;
  route: Pick<AnyRoute<Principal>, 'operationId' | 'method' | 'path'>;
  params: Record<string, string>;
  /** The client's address: the peer of the connection, or the address that a trusted proxy reports. */
  address: string;
  /**
   * Reads what the request changes. Undefined if no route shows it. `params` replace those of the request, if better
   * ones are known.
   */
  look(params?: Record<string, string>): Promise<Look | undefined>;
};

/**
 * What GET returns now for a path with these parameters; `shown` is undefined if nothing exists there. `isUnknown`: the
 * database was unavailable after the change, so only its path is known.
 */
export type Look = { path: string; params: Record<string, string>; shown: unknown; isUnknown?: true };

/** How the change ended. `look` finds a thing that was just created, whose path differs from that of the request. */
export type ChangeEnd = Pick<RequestedChange<never>, 'look'> & ({ status: number } | { code: ErrorCode });

/** Rejects if the change must not be made, because it could not be recorded. */
export type RecordChange<Principal> = (
  change: RequestedChange<Principal>,
) => Promise<(end: ChangeEnd) => Promise<void>>;

type Reply = { status: number; body?: unknown };

/** A GET changes nothing, nor does a question that needs a body. */
export function isChange({ method, isQuestion }: Pick<AnyRoute<never>, 'method' | 'isQuestion'>): boolean {
  return method !== 'get' && isQuestion !== true;
}

/**
 * Reads what a request changes through the route that shows it, so nothing is read that GET would not return: no
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
      // Something that does not exist or must not be read counts as nothing. Without the database, this is unknown.
      if (toAppError(thrown).code !== 'config_unavailable') return { path, params: named, shown: undefined };
      if (reply === undefined) throw thrown;
      return { path, params: named, shown: undefined, isUnknown: true };
    }
  };
}

/** The nearest path upwards that shows a single thing. For a thing that was created, the path with its id. */
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
    // A list is not a single thing.
    if (route === undefined || isList(gets, rest)) continue;
    const names = [...rest.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
    return { route, params: Object.fromEntries(names.map((name) => [name, params[name] ?? ''])) };
  }
  return undefined;
}

/** The id has the name of the path's parameter, or simply `id`. */
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
