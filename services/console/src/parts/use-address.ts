import { useSearchParams } from 'react-router';

/** The parameters of the address. Undefined and empty values are left out. */
export type AddressChanges = Readonly<Record<string, string | undefined>>;

export type PageAddress = {
  values: Readonly<Record<string, string | undefined>>;
  /** Replaces the current address. With `isStep`, going back returns to it. */
  change(changes: AddressChanges, options?: { isStep?: boolean }): void;
  /** For a link to a page that differs from this one only in these parameters. */
  linkTo(changes: AddressChanges): { search: string };
};

/** The state of a page is in its address, so that a link, going back and reloading show the same content. */
export function useAddress(): PageAddress {
  const [params, setParams] = useSearchParams();
  return {
    values: Object.fromEntries(params),
    // Reads the current address, because the page may not have rendered the first of two changes in quick succession.
    change: (changes, { isStep = false } = {}) =>
      setParams(applyTo(new URLSearchParams(location.search), changes), { replace: !isStep }),
    linkTo: (changes) => ({ search: `?${applyTo(params, changes)}` }),
  };
}

function applyTo(params: URLSearchParams, changes: AddressChanges): URLSearchParams {
  const next = new URLSearchParams(params);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === '') next.delete(name);
    else next.set(name, value);
  }
  return next;
}
