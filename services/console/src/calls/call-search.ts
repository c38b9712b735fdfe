import type { ParamsOf } from '@toolplane/api-client';
import { useAddress } from '../parts/use-address.ts';

const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
/** The default span of statistics. */
export const DAY = '24h';

/** Spans that end now. */
export const SPANS = [
  { value: '1h', label: 'Last hour', ms: HOUR_MS },
  { value: DAY, label: 'Last 24 hours', ms: DAY_MS },
  { value: '7d', label: 'Last 7 days', ms: 7 * DAY_MS },
  { value: '30d', label: 'Last 30 days', ms: 30 * DAY_MS },
] as const;

/** The names of the filters in the API. */
export type FilterName =
  | 'serverId'
  | 'tool'
  | 'outcome'
  | 'code'
  | 'keyId'
  | 'agentId'
  | 'username'
  | 'client'
  | 'minDurationMs'
  | 'analytics';

const FILTER_NAMES: readonly FilterName[] = [
  ...(['serverId', 'tool', 'outcome', 'code', 'keyId'] as const),
  ...(['agentId', 'username', 'client', 'minDurationMs', 'analytics'] as const),
];

type Name = FilterName | 'view' | 'call' | 'span' | 'from' | 'to';
type Changes = Partial<Record<Name, string | undefined>>;
export type Values = Partial<Record<Name, string>>;

/** Removes all filters and times. */
export const UNFILTERED: Changes = Object.fromEntries(
  [...FILTER_NAMES, 'span', 'from', 'to'].map((name) => [name, undefined]),
);

/** The query of the address, with the parameter names that are used here. */
export function useCallSearch() {
  const { values, change, linkTo } = useAddress();
  return {
    values: values as Values,
    change: (changes: Changes) => change(changes),
    linkTo: (changes: Changes) => linkTo(changes),
  };
}

/** The times between which to search. A span that ends now is computed again with each request. */
export function toTimes({ span, from, to }: Values): { from?: string; to?: string } {
  const known = SPANS.find(({ value }) => value === span);
  if (known !== undefined) return { from: new Date(Date.now() - known.ms).toISOString() };
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

export function toFilter(values: Values): Partial<Record<FilterName, string>> {
  return Object.fromEntries(FILTER_NAMES.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]])));
}

type CallQuery = NonNullable<ParamsOf<'/calls', 'get'>['query']>;
type Typed = ReturnType<typeof toFilter> & { from?: string; to?: string; cursor?: string };

/** What is in the address, as it is: the API refuses values that it does not know. */
export function toQuery({ minDurationMs, ...rest }: Typed): CallQuery {
  return { ...rest, minDurationMs: minDurationMs ? Number(minDurationMs) : undefined } as CallQuery;
}

/** Returns whether a filter or a time is set, so that there may be more calls than those that match. */
export function isNarrowed(values: Values): boolean {
  return Object.keys(values).some((name) => name in UNFILTERED);
}
