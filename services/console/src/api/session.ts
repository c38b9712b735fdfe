import type { Permission as AnyPermission } from '@toolplane/contracts';
import { createContext, use } from 'react';

/** Excludes a permission that only keys of the platform's operator have: creating organizations. */
export type Permission = Exclude<AnyPermission, 'organizations:write'>;

/** `Place` of the API: a workspace, and what the person may do there. */
export type Place = {
  workspaceId: string;
  workspaceName: string;
  organizationId: string;
  organizationName: string;
  permissions: AnyPermission[];
};

/** `Session` of the API: who is signed in, and what they may do where. */
export type Session = {
  person: { id: string; email: string; name: string };
  csrfToken: string;
  workspaces: Place[];
};

export type Here = { session: Session; place: Place };

export const HereContext = createContext<Here | undefined>(undefined);

/** The signed-in person and the current workspace. Works only within `<Workspace>`. */
export function useHere(): Here {
  const here = use(HereContext);
  if (here === undefined) throw new Error('There is no workspace here');
  return here;
}

/** Returns whether the person has the permission in the workspace. The API checks it again. */
export function useMay(permission: Permission): boolean {
  return useHere().place.permissions.includes(permission);
}
