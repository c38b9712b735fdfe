import { useAddress } from './use-address.ts';

export type List = {
  page: number;
  goToPage: (page: number, isStep: boolean) => void;
  q: string;
  search: (q: string) => void;
  /** What is chosen of a filter: the first of its values unless the address has another one of them. */
  chosen: (filter: string, values: readonly string[]) => string;
  choose: (filter: string, value: string | null) => void;
};

/** Which part of a list is looked at, by the address. `name` tells two lists on one page apart. */
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
    chosen: (filter, known) => known.find((value) => value === values[toName(filter)]) ?? known[0] ?? '',
    choose: (filter, value) => change({ ...restart, [toName(filter)]: value ?? '' }),
  };
}

/** Of the API. */
const PAGE_MAX = 1_000_000;
