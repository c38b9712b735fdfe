import { useChange } from '../api/use-api.ts';

type Switched = { id: string; isActive: boolean };

/** Makes one of a list (`/agents`) active or inactive, the other way than it is shown. */
export function useActivation(list: string, { id, isActive }: Switched, { outdates = [] as readonly string[] } = {}) {
  const path = `${list}/${id}`;
  return useChange({
    // The API knows only "the other way round", which is the wrong one when somebody was faster.
    change: async (api) => {
      const { data: present } = await api<Switched>('GET', path);
      if (present.isActive === isActive) await api('PUT', `${path}/toggle-active`);
    },
    outdates: [list, ...outdates],
  });
}
