import type { Place, Session } from '@toolplane/api-client';
import type { Permission as AnyPermission } from '@toolplane/contracts';
import { createContext, use } from 'react';

/** Excludes a permission that only keys of the platform's operator have: creating organizations. */
export type PersonPermission = Exclude<AnyPermission, 'organizations:write'>;

export type Here = { session: Session; place: Place };

export const HereContext = createContext<Here | undefined>(undefined);

/** The signed-in person and the current workspace. Works only within `<Workspace>`. */
export function useHere(): Here {
  const here = use(HereContext);
  if (here === undefined) throw new Error('There is no workspace here');
  return here;
}

/** Returns whether the person has the permission in the workspace. The API checks it again. */
export function useMay(permission: PersonPermission): boolean {
  return useHere().place.permissions.includes(permission);
}
