import type { PolicyLimit, PolicyRule } from '@toolplane/api-client';

/* A policy in words for people. */

type Condition = { about: string; words: string };
type Names = (id: string) => string | undefined;
type Conditions = Pick<PolicyRule, 'tools' | 'callers' | 'arguments' | 'times'>;

/** The conditions of a rule, all of which must hold. If there are none, every call matches. */
export function toConditions(rule: Conditions, nameOf: Names): Condition[] {
  const { tools = {}, callers = {}, times } = rule;
  const nameIds = (ids: string[]) => ids.map((id) => nameOf(id) ?? id);
  const all = [
    ['Tools', anyOf(tools.names)],
    ['Toolkits', anyOf(tools.toolkits)],
    ['Tools', annotationsInWords(tools.annotations ?? {})],
    ['Callers', callers.kinds && anyOf(callers.kinds.map((kind) => KINDS[kind]))],
    ['Keys', callers.keys && anyOf(nameIds(callers.keys))],
    ['Agents', callers.agents && anyOf(nameIds(callers.agents))],
    ['Users', anyOf(callers.users)],
    ['Groups', anyOf(callers.groups)],
    ...Object.entries(callers.claims ?? {}).map(([claim, values]) => [`Claim ${claim}`, anyOf(values)]),
    ['Arguments', rule.arguments && `fulfil ${JSON.stringify(rule.arguments)}`],
    ['Times', times && timesInWords(times)],
  ];
  return all.flatMap(([about = '', words = '']) => (words === '' ? [] : [{ about, words }]));
}

export const EFFECTS = {
  allow: { label: 'allowed', tone: 'good' },
  deny: { label: 'refused', tone: 'bad' },
  approve: { label: 'held for approval', tone: 'warning' },
} as const;

export function approvalInWords({ by, validSeconds }: NonNullable<PolicyRule['approval']> = AS_THE_API_HAS_IT): string {
  if (by === 'user') return 'The person behind the client is asked.';
  return `A member of the workspace is asked; an approval is valid for ${durationInWords(validSeconds)}.`;
}

const AS_THE_API_HAS_IT = { by: 'workspace', validSeconds: 900 } as const;

export function limitInWords({ per, calls, concurrent }: PolicyLimit): string {
  const most = [
    ...(calls === undefined ? [] : [`${count(calls.max)} in ${durationInWords(calls.seconds)}`]),
    ...(concurrent === undefined ? [] : [`${count(concurrent)} at the same time`]),
  ];
  return `at most ${most.join(', and ')}, ${PER[per]}`;
}

const KINDS = { key: 'with a key', token: 'with a token', anonymous: 'without a key or token' } as const;
const PER = {
  caller: 'for each key or token',
  user: 'for each user',
  agent: 'for each agent',
  server: 'for all callers together',
} as const;

/** The words for a hint that is true, and for one that is false. */
const ANNOTATIONS = {
  readOnlyHint: ['that are read-only', 'that may change something'],
  destructiveHint: ['that may destroy something', 'that destroy nothing'],
  idempotentHint: ['that may be called again without harm', 'that may not be called again without harm'],
  openWorldHint: ['that interact with the outside world', 'that stay in a closed system'],
} as const;

function annotationsInWords(wanted: NonNullable<NonNullable<PolicyRule['tools']>['annotations']>): string {
  const hints = ['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint'] as const;
  const words = hints.flatMap((hint) => (wanted[hint] === undefined ? [] : ANNOTATIONS[hint][wanted[hint] ? 0 : 1]));
  return words.join(' and ');
}

const DAYS = { mon: 'Mon', tue: 'Tue', wed: 'Wed', thu: 'Thu', fri: 'Fri', sat: 'Sat', sun: 'Sun' } as const;

function timesInWords({ days, from, to, timezone }: NonNullable<PolicyRule['times']>): string {
  const hours = [from && `from ${from}`, to && `to ${to}`].filter((text) => text !== undefined).join(' ');
  const words = [days?.map((day) => DAYS[day]).join(', ') ?? 'every day', hours].filter((text) => text !== '');
  return `${words.join(' ')} (${timezone})`;
}

function durationInWords(seconds: number): string {
  if (seconds % 3600 === 0) return plural(seconds / 3600, 'hour');
  return seconds % 60 === 0 ? plural(seconds / 60, 'minute') : plural(seconds, 'second');
}

function count(calls: number): string {
  return plural(calls, 'call');
}

function plural(number: number, noun: string): string {
  return number === 1 ? `1 ${noun}` : `${number.toLocaleString()} ${noun}s`;
}

function anyOf(texts: readonly string[] | undefined): string {
  return texts?.join(' or ') ?? '';
}
