import { useSearchParams } from 'react-router';

/** The parameters of the address; undefined and empty values are left out. */
export type Changes = Readonly<Record<string, string | undefined>>;

export type Address = {
  values: Readonly<Record<string, string | undefined>>;
  /** Replaces the current address, unless going back to it must be possible. */
  change(changes: Changes, options?: { isStep?: boolean }): void;
  /** For a page that differs from this one only in these parameters. */
  linkTo(changes: Changes): { search: string };
};

/** The state of a page is in its address, so that a link, going back and reloading show the same. */
export function useAddress(): Address {
  const [params, setParams] = useSearchParams();
  return {
    values: Object.fromEntries(params),
    // Uses the current address: of two changes in quick succession, the page has not rendered the first one yet.
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
