import { useChange } from '../api/use-api.ts';

type Switched = { id: string; isActive: boolean };

/** Activates or deactivates an entry of a list (`/agents`): the opposite of the shown state, even if it has changed since. */
export function useActivation(list: string, { id, isActive }: Switched, { outdates = [] as readonly string[] } = {}) {
  return useChange({
    change: (api) => api('PUT', `${list}/${id}/toggle-active`, { body: { isActive: !isActive } }),
    outdates: [list, ...outdates],
  });
}
