import { useChange } from '../api/use-api.ts';

type Switched = { id: string; isActive: boolean };

/**
 * Activates or deactivates an entry of a list (`/agents`): requests the opposite of the state shown, even if it has
 * changed.
 */
export function useActivation(list: string, { id, isActive }: Switched, { outdates = [] as readonly string[] } = {}) {
  return useChange({
    change: (api) => api('PUT', `${list}/${id}/toggle-active`, { body: { isActive: !isActive } }),
    outdates: [list, ...outdates],
  });
}
