import { useAddress } from './use-address.ts';

export type List = {
  page: number;
  goToPage: (page: number, isStep: boolean) => void;
  q: string;
  search: (q: string) => void;
  /** The chosen value of a filter: the first of its values, unless the address contains another one of them. */
  chosen: <Value extends string>(filter: string, values: readonly Value[]) => Value;
  choose: (filter: string, value: string | null) => void;
};

/** The position in a list, which is part of the address. `name` distinguishes two lists on one page. */
export function useList(name?: string): List {
  const { values, change } = useAddress();
  const toName = (what: string) => (name === undefined ? what : `${name}-${what}`);
  const pageName = toName('page');
  const restart = { [pageName]: undefined };
  return {
    page: Math.min(Math.max(1, Math.trunc(Number(values[pageName])) || 1), PAGE_MAX),
    goToPage: (page, isStep) => change({ [pageName]: page === 1 ? undefined : String(page) }, { isStep }),
    q: values[toName('q')] ?? '',
    search: (q) => change({ ...restart, [toName('q')]: q }),
    chosen: (filter, known) =>
      known.find((value) => value === values[toName(filter)]) ?? (known[0] as (typeof known)[number]),
    choose: (filter, value) => change({ ...restart, [toName(filter)]: value ?? '' }),
  };
}

/** The maximum of the API. */
const PAGE_MAX = 1_000_000;
