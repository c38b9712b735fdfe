import { useChange } from '../api/use-api.ts';

type Switched = { id: string; isActive: boolean };

/**
 * Activates or deactivates an entry of a list (`/agents`): requests the opposite of the state shown, even if it has
 * changed.
 */
export function useActivation(
  list: '/agents' | '/external-users',
  { id, isActive }: Switched,
  { outdates = [] as readonly string[] } = {},
) {
  return useChange({
    change: (api) => api.PUT(`${list}/{id}/toggle-active`, { params: { path: { id } }, body: { isActive: !isActive } }),
    outdates: [list, ...outdates],
  });
}
