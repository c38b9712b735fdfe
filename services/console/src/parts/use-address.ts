import { useSearchParams } from 'react-router';

/** By the names in the address; what is undefined or empty is not in it. */
export type Changes = Readonly<Record<string, string | undefined>>;

export type Address = {
  values: Readonly<Record<string, string | undefined>>;
  /** In place of the address of before, unless that is to be gone back to. */
  change(changes: Changes, options?: { isStep?: boolean }): void;
  /** Of a page that differs from this one in so much. */
  linkTo(changes: Changes): { search: string };
};

/** What is looked at stands in the address, so that a link, going back and loading it anew show the same. */
export function useAddress(): Address {
  const [params, setParams] = useSearchParams();
  return {
    values: Object.fromEntries(params),
    // Of the address as it is now: of two changes soon after one another the page has not yet shown the first.
    change: (changes, { isStep = false } = {}) =>
      setParams(applyTo(new URLSearchParams(location.search), changes), { replace: !isStep }),
    linkTo: (changes) => ({ search: `?${applyTo(params, changes)}` }),
  };
}

function applyTo(params: URLSearchParams, changes: Changes): URLSearchParams {
  const next = new URLSearchParams(params);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === '') next.delete(name);
    else next.set(name, value);
  }
  return next;
}
