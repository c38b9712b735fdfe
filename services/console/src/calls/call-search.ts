import { useSearchParams } from 'react-router';

const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
/** What statistics are of when nobody says so. */
export const DAY = '24h';

/** Spans that end now. */
export const SPANS = [
  { value: '1h', label: 'Last hour', ms: HOUR_MS },
  { value: DAY, label: 'Last 24 hours', ms: DAY_MS },
  { value: '7d', label: 'Last 7 days', ms: 7 * DAY_MS },
  { value: '30d', label: 'Last 30 days', ms: 30 * DAY_MS },
] as const;

/** As the API calls its filters. */
export type FilterName =
  | 'server'
  | 'tool'
  | 'outcome'
  | 'code'
  | 'key'
  | 'agent'
  | 'user'
  | 'client'
  | 'minDurationMs'
  | 'analytics';

const FILTER_NAMES: readonly FilterName[] = [
  ...(['server', 'tool', 'outcome', 'code', 'key'] as const),
  ...(['agent', 'user', 'client', 'minDurationMs', 'analytics'] as const),
];

type Name = FilterName | 'view' | 'call' | 'span' | 'from' | 'to';
export type Changes = Partial<Record<Name, string | undefined>>;
export type Values = Partial<Record<Name, string>>;

/** Takes all filters and times away. */
export const UNFILTERED: Changes = Object.fromEntries(
  [...FILTER_NAMES, 'span', 'from', 'to'].map((name) => [name, undefined]),
);

export type CallSearch = {
  values: Values;
  change(changes: Changes): void;
  /** Of a page that differs from this one in so much. */
  linkTo(changes: Changes): { search: string };
};

/** What is looked at stands in the address, so that a link shows the same. */
export function useCallSearch(): CallSearch {
  const [params, setParams] = useSearchParams();
  const changed = (from: URLSearchParams, changes: Changes) => {
    const next = new URLSearchParams(from);
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined || value === '') next.delete(name);
      else next.set(name, value);
    }
    return next;
  };
  return {
    values: Object.fromEntries(params),
    // Of the address as it is now: of two changes soon after one another the page has not yet shown the first.
    change: (changes) => setParams(changed(new URLSearchParams(location.search), changes), { replace: true }),
    linkTo: (changes) => ({ search: `?${changed(params, changes)}` }),
  };
}

/** The times between which to look. A span that ends now begins anew with each look. */
export function toTimes({ span, from, to }: Values): { from?: string; to?: string } {
  const known = SPANS.find(({ value }) => value === span);
  if (known !== undefined) return { from: new Date(Date.now() - known.ms).toISOString() };
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

export function toFilter(values: Values): Partial<Record<FilterName, string>> {
  return Object.fromEntries(FILTER_NAMES.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]])));
}

/** Whether there may be more calls than are asked for. */
export function isNarrowed(values: Values): boolean {
  return Object.keys(values).some((name) => name in UNFILTERED);
}
