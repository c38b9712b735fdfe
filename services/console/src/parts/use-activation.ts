import { useChange } from '../api/use-api.ts';

type Switched = { id: string; isActive: boolean };

/** Activates or deactivates an entry of a list (`/agents`): the opposite of the shown state. */
export function useActivation(list: string, { id, isActive }: Switched, { outdates = [] as readonly string[] } = {}) {
  const path = `${list}/${id}`;
  return useChange({
    // The API can only toggle, which would be wrong if somebody else was faster.
    change: async (api) => {
      const { data: present } = await api<Switched>('GET', path);
      if (present.isActive === isActive) await api('PUT', `${path}/toggle-active`);
    },
    outdates: [list, ...outdates],
  });
}
