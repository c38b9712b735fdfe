import { setTimeout as sleep } from 'node:timers/promises';
import type { ParamsOf } from '@toolplane/api-client';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import type { CommandContext } from '../command-context.ts';
import type { PlatformApi } from '../platform/api.ts';
import { parseAnswer } from '../platform/parse-answer.ts';
import { listServers } from '../platform/server.ts';
import { addExamples } from './examples.ts';
import { wholeNumber } from './option-values.ts';
import { toTime } from './to-time.ts';

const callSchema = z.looseObject({
  id: z.string(),
  startedAt: z.string(),
  durationMs: z.number(),
  serverId: z.string(),
  tool: z.string(),
  outcome: z.string(),
  code: z.string().optional(),
  source: z.string(),
  caller: z.looseObject({
    kind: z.string(),
    id: z.string().optional(),
    agentId: z.string().optional(),
    username: z.string().optional(),
  }),
});
type Call = z.infer<typeof callSchema>;
const pageSchema = z.object({ data: z.array(callSchema), nextCursor: z.string().nullish() });

type Filter = NonNullable<ParamsOf<'/calls', 'get'>['query']>;
type Shown = {
  tool?: string;
  outcome?: Filter['outcome'];
  code?: string;
  agent?: string;
  key?: string;
  user?: string;
  client?: string;
};
type Options = Shown & { since?: string; until?: string; minDuration?: number; limit: number; follow?: true };

const POLL_MS = 2000;
/** Edges write ended calls in batches, so a call may appear after later ones. */
const LATE_MS = 60_000;
/** Longer calls are searched further back, by their duration. */
const LONGEST_MS = 3_600_000;
const PAGE = 200;
/** More calls in a minute than anybody can read. */
const FOLLOWED_MAX = 10_000;

export function addLogs(program: Command, context: CommandContext): void {
  const logs = program
    .command('logs')
    .summary('list calls that have ended')
    .description('List calls that have ended, oldest first. Their inputs and outputs are not stored.')
    .argument('[server]', 'name or id; without it, calls of all servers')
    .option('--tool <name>', 'only calls of this tool')
    .addOption(
      new Option('--outcome <outcome>', 'only calls with this outcome').choices([
        'done',
        'not_started',
        'unknown',
        'input_required',
      ]),
    )
    .option('--code <code>', 'only calls with this error code')
    .option('--agent <agent>', 'only calls of this agent, by its id')
    .option('--key <key>', 'only calls with this API key, by its id')
    .option('--user <name>', 'only calls on behalf of this user')
    .option('--client <name>', 'only calls by clients with this name')
    .option('--min-duration <ms>', 'only calls that took at least this long, in milliseconds', wholeNumber(0))
    .option('--since <time>', 'a time, or how long ago: 90s, 15m, 2h, 7d', (text) => toTime(text))
    .addOption(new Option('--until <time>', 'likewise').argParser((text) => toTime(text)).conflicts('follow'))
    .option('-n, --limit <count>', 'at most this many, the newest ones', wholeNumber(1), 50)
    .option('-f, --follow', 'continue with calls that end from now on, until Ctrl-C')
    .action(async (serverId: string | undefined, options: Options) => {
      const { since, until, minDuration, limit, follow, agent, key, user, ...shown } = options;
      const filter = { serverId, ...shown, agentId: agent, keyId: key, username: user, minDurationMs: minDuration };
      const calls = (await listNewest(context.api(), { ...filter, from: since, to: until }, limit)).toReversed();
      const showCalls = createShow(context);
      await showCalls(calls);
      if (follow) await followCalls(context, { filter, shown: calls, showCalls });
    });
  addExamples(logs, 'toolplane logs trains --since 1h --outcome unknown', 'toolplane logs --follow --json');
}

async function listNewest(api: PlatformApi, filter: Filter, limit: number): Promise<Call[]> {
  const calls: Call[] = [];
  let cursor: string | undefined;
  while (calls.length < limit) {
    const query = { ...filter, cursor, limit: Math.min(PAGE, limit - calls.length) };
    const answer = await api.GET('/calls', { params: { query } });
    const { data, nextCursor } = parseAnswer(pageSchema, answer, api.login.api);
    calls.push(...data);
    if (typeof nextCursor !== 'string' || data.length === 0) break;
    cursor = nextCursor;
  }
  return calls;
}

type ShowCalls = (calls: readonly Call[]) => Promise<void>;
type Following = { filter: Filter; shown: readonly Call[]; showCalls: ShowCalls };

async function followCalls(context: CommandContext, { filter, shown, showCalls }: Following): Promise<void> {
  const newest = shown.at(-1)?.startedAt ?? '';
  // Calls that are older than those already shown were omitted on purpose.
  const older = (await listRecent(context.api(), filter)).filter(({ startedAt }) => startedAt <= newest);
  let seen = new Set([...shown, ...older].map(({ id }) => id));
  await context.untilInterrupted(async (interrupted) => {
    context.terminal.note('Following the calls that end; Ctrl-C ends it');
    while (!interrupted.aborted) {
      await sleep(POLL_MS, undefined, { signal: interrupted });
      const calls = await listRecent(context.api(), filter);
      await showCalls(calls.filter(({ id }) => !seen.has(id)).toReversed());
      seen = new Set(calls.map(({ id }) => id));
    }
  });
}

/** The log orders calls by their start, but a call appears in it only after it has ended. */
async function listRecent(api: PlatformApi, filter: Filter): Promise<Call[]> {
  const since = (ms: number) => new Date(Date.now() - ms).toISOString();
  const minDurationMs = Math.max(LATE_MS / 2, filter.minDurationMs ?? 0);
  const long = { ...filter, from: since(LONGEST_MS), to: since(LATE_MS), minDurationMs };
  return [
    ...(await listNewest(api, { ...filter, from: since(LATE_MS) }, FOLLOWED_MAX)),
    ...(await listNewest(api, long, FOLLOWED_MAX)),
  ];
}

/** People know servers by name. The log has their ids, including those of deleted servers. */
function createShow({ api, show, terminal }: CommandContext): ShowCalls {
  const names = new Map<string, string>();
  return async (calls) => {
    if (!terminal.speaksJson && calls.some(({ serverId }) => !names.has(serverId))) {
      for (const { id, slug } of await listServers(api())) names.set(id, slug);
      // The names of deleted servers no longer exist, so they are requested only once.
      for (const { serverId } of calls) if (!names.has(serverId)) names.set(serverId, serverId);
    }
    for (const call of calls) show(call, () => [toLine(call, names.get(call.serverId) ?? call.serverId)]);
  };
}

function toLine({ startedAt, durationMs, tool, outcome, code, source, caller }: Call, server: string): string {
  const who = [caller.kind, caller.agentId ?? caller.id, caller.username]
    .filter((part) => part !== undefined)
    .join(' ');
  const what = code === undefined ? outcome : `${outcome} ${code}`;
  return `${startedAt} ${what} ${server}.${tool} ${durationMs} ms, ${source}, ${who}`;
}
