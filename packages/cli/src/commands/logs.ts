import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import type { CommandContext } from '../command-context.ts';
import type { Answer, Api } from '../platform/api.ts';
import { wholeNumber } from './option-values.ts';
import { toTime } from './to-time.ts';

/** As much of `Call` of the API as is shown. */
type Call = {
  id: string;
  startedAt: string;
  durationMs: number;
  tool: string;
  outcome: string;
  code?: string;
  source: string;
  caller: { kind: string; id?: string; agentId?: string; username?: string };
};

type Options = { tool?: string; outcome?: string; code?: string; since?: string; limit: number; follow?: true };
type Filter = Record<string, string | number | undefined>;

const POLL_MS = 2000;
/** Edges write what has ended in batches, so a call may come in after later ones. */
const LATE_MS = 60_000;
/** What takes longer is looked for further back, by that it did. */
const LONGEST_MS = 3_600_000;
const PAGE = 200;

export function addLogs(program: Command, context: CommandContext): void {
  program
    .command('logs')
    .summary('list calls that have ended')
    .description('List calls that have ended, oldest first. What they were given and what they gave is kept nowhere.')
    .argument('[server]', 'name or id; without it, of all servers')
    .option('--tool <name>', 'of this tool only')
    .addOption(new Option('--outcome <outcome>').choices(['done', 'not_started', 'unknown', 'input_required']))
    .option('--code <code>', 'with this error code only')
    .option('--since <time>', 'a time, or how long ago: 90s, 15m, 2h, 7d', (text) => toTime(text))
    .option('-n, --limit <count>', 'the newest so many', wholeNumber(1), 50)
    .option('-f, --follow', 'go on with calls that end from now on, until Ctrl-C')
    .action(async (server: string | undefined, options: Options) => {
      const { tool, outcome, code, since: from, limit, follow } = options;
      const filter = { server, tool, outcome, code };
      const calls = (await listNewest(context.api(), { ...filter, from }, limit)).toReversed();
      showCalls(context, calls);
      if (follow) await followCalls(context, filter, calls);
    });
}

async function listNewest(api: Api, filter: Filter, limit: number): Promise<Call[]> {
  const calls: Call[] = [];
  let cursor: string | undefined;
  while (calls.length < limit) {
    const query = { ...filter, cursor, limit: Math.min(PAGE, limit - calls.length) };
    const { data, nextCursor }: Answer<Call[]> = await api('GET', '/calls', { query });
    calls.push(...data);
    if (typeof nextCursor !== 'string') break;
    cursor = nextCursor;
  }
  return calls;
}

async function followCalls(context: CommandContext, filter: Filter, shown: readonly Call[]): Promise<void> {
  const newest = shown.at(-1)?.startedAt ?? '';
  // Older ones than those that are shown were left out on purpose.
  const older = (await listRecent(context.api(), filter)).filter(({ startedAt }) => startedAt <= newest);
  let seen = new Set([...shown, ...older].map(({ id }) => id));
  await context.untilInterrupted(async (interrupted) => {
    context.terminal.note('Following the calls that end; Ctrl-C ends it');
    while (!interrupted.aborted) {
      await sleep(POLL_MS, undefined, { signal: interrupted });
      const calls = await listRecent(context.api(), filter);
      showCalls(context, calls.filter(({ id }) => !seen.has(id)).toReversed());
      seen = new Set(calls.map(({ id }) => id));
    }
  });
}

/** A call is in the log by the time at which it began, and comes in when it has ended. */
async function listRecent(api: Api, filter: Filter): Promise<Call[]> {
  const since = (ms: number) => new Date(Date.now() - ms).toISOString();
  const long = { ...filter, from: since(LONGEST_MS), to: since(LATE_MS), minDurationMs: LATE_MS / 2 };
  return [
    ...(await listNewest(api, { ...filter, from: since(LATE_MS) }, Number.POSITIVE_INFINITY)),
    ...(await listNewest(api, long, Number.POSITIVE_INFINITY)),
  ];
}

function showCalls({ show }: CommandContext, calls: readonly Call[]): void {
  for (const call of calls) show(call, () => [toLine(call)]);
}

function toLine({ startedAt, durationMs, tool, outcome, code, source, caller }: Call): string {
  const who = [caller.kind, caller.agentId ?? caller.id, caller.username]
    .filter((part) => part !== undefined)
    .join(' ');
  return `${startedAt} ${outcome}${code === undefined ? '' : ` ${code}`} ${tool} ${durationMs} ms, ${source}, ${who}`;
}
