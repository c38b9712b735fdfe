import type { OpenApiOperation, SecurityNeed } from '../../../openapi/model.ts';
import type { ConnectorInput } from '../../descriptor/connector-schema.ts';
import { type AppliedAuthentication, fieldKey, toSignIn, unusableUrls } from './authentications.ts';

export type SignIns = {
  /** Returns `none` if the operation needs no credentials, and undefined if no connector can meet its requirements. */
  of(operation: OpenApiOperation): AppliedAuthentication | 'none' | undefined;
  /** The headers and query parameters that any sign-in fills, in lower case. */
  places: ReadonlySet<string>;
  /** Returns the authentications of some operations, with the scopes of all of these operations. */
  authenticationsOf(operations: readonly OpenApiOperation[]): NonNullable<ConnectorInput['authentication']>;
  /** Returns the OAuth URLs that cannot be used, because of which a token must be pasted. */
  unusableUrlsOf(operations: readonly OpenApiOperation[]): string[];
};

/**
 * An instance signs in with one authentication, so operations that allow several share as few as possible: the one that
 * most operations allow is preferred. Between equally frequent ones, a user name with a password comes last.
 */
export function createSignIns(operations: readonly OpenApiOperation[], serverUrl?: string): SignIns {
  const isPlain = operations.some(({ servers }) => /^http:/i.test(serverUrl ?? servers[0]?.url ?? ''));
  const known = new Map<string, AppliedAuthentication | undefined>();
  const uses = new Map<string, number>();
  const ids = new Set<string>();
  for (const { security } of operations) {
    for (const key of new Set(security.map(keyOf))) uses.set(key, (uses.get(key) ?? 0) + 1);
  }
  const places = new Set(['authorization']);
  for (const { security } of operations) {
    const best = bestOf(security);
    const { headers = {}, query = {} } = (best && signInOf(best)?.injection) ?? {};
    for (const name of [...Object.keys(headers), ...Object.keys(query)]) places.add(name.toLowerCase());
  }
  return {
    places,
    of({ security }) {
      const best = bestOf(security);
      if (best !== undefined) return signInOf(best);
      return security.length === 0 || security.some((needs) => needs.length === 0) ? 'none' : undefined;
    },
    authenticationsOf(some) {
      const scopes = new Map<AppliedAuthentication, Set<string>>();
      for (const { security } of some) {
        const best = bestOf(security);
        const signIn = best && signInOf(best);
        if (best === undefined || signIn === undefined) continue;
        const known = scopes.get(signIn) ?? new Set();
        scopes.set(signIn, known);
        for (const scope of best.flatMap((need) => need.scopes)) known.add(scope);
      }
      return [...scopes].map(([{ authentication }, asked]) => {
        return 'scopes' in authentication ? { ...authentication, scopes: usable(asked) } : authentication;
      });
    },
    unusableUrlsOf(some) {
      const best = some.flatMap(({ security }) => bestOf(security) ?? []);
      return [...new Set(best.flatMap(({ scheme }) => unusableUrls(scheme, isPlain)))];
    },
  };

  function bestOf(security: SecurityNeed[][]): SecurityNeed[] | undefined {
    const possible = security.filter((needs) => signInOf(needs) !== undefined);
    return possible.toSorted((left, right) => rank(right) - rank(left))[0];
  }

  function signInOf(needs: readonly SecurityNeed[]): AppliedAuthentication | undefined {
    const key = keyOf(needs);
    if (!known.has(key)) known.set(key, toSignIn(freeId(needs), needs, isPlain));
    return known.get(key);
  }

  function rank(needs: readonly SecurityNeed[]): number {
    const isBasic = needs.some(({ scheme }) => scheme.type === 'http' && scheme.scheme === 'basic');
    return (uses.get(keyOf(needs)) ?? 0) * 2 + (isBasic ? 0 : 1);
  }

  function freeId(needs: readonly SecurityNeed[]): string {
    const id = fieldKey(needs.map(({ schemeName }) => schemeName).join('_'));
    let free = id;
    for (let number = 2; ids.has(free); number += 1) free = `${id}_${number}`;
    ids.add(free);
    return free;
  }
}

/** Two alternatives that differ only in their scopes are one way to sign in. */
function keyOf(needs: readonly SecurityNeed[]): string {
  return JSON.stringify(needs.map(({ schemeName }) => schemeName).toSorted());
}

function usable(scopes: ReadonlySet<string>): string[] {
  return [...scopes].filter((scope) => scope !== '' && scope.length <= 500).slice(0, 200);
}
