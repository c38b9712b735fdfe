import { assembleTrace, type DebugEvent, type FlowRun } from '@toolplane/contracts';
import type { Command } from 'commander';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../command-context.ts';
import { pathTo } from '../platform/api.ts';
import { ask, readJson } from '../platform/send.ts';
import { toTraceLines } from '../showing/trace-lines.ts';
import { wholeNumber } from './option-values.ts';
import { addInputOptions, type InputOptions, readInputs } from './tool-inputs.ts';

/** `OpenedDebugSession` of the API. */
type DebugSession = { id: string; token: string; run_url: string; expires_at: string };

type DebugRun = { outcome: string; outputs: unknown; trace: FlowRun | null; error?: { code: string; message: string } };
type RefusedRun = { error?: { message?: string } };

type Options = InputOptions & { minutes: number };

export function addDebug(program: Command, context: CommandContext): void {
  const { api } = context;
  const debug = program
    .command('debug')
    .summary('see what each step of a run did')
    .description(
      'See what each step sent, got and decided, with secrets masked. The debug session ends with the command.',
    )
    .argument('<server>', 'name or id')
    .argument('[tool]', 'run this one; without it, follow the calls of everybody until Ctrl-C')
    .option('--minutes <minutes>', 'the longest that the session lasts, at most 240', wholeNumber(1), 30);
  addInputOptions(debug).action(async (server: string, tool: string | undefined, { minutes, ...options }: Options) => {
    const inputs = readInputs(options);
    const sessions = `${pathTo('mcp-servers', server)}/debug-sessions`;
    const isInterrupted = await context.untilInterrupted(async (interrupted) => {
      const { data: session } = await api()<DebugSession>('POST', sessions, { body: { minutes } });
      try {
        if (tool !== undefined) await runTool(context, session, { tool, inputs, interrupted });
        else await follow(context, `${api().login.api}/api/v1${sessions}/${session.id}/events`, session, interrupted);
      } finally {
        await api()('DELETE', `${sessions}/${session.id}`).catch(({ message }: Error) => {
          context.terminal.note(`The debug session stays open until ${session.expires_at}: ${message}`);
        });
      }
    });
    if (tool !== undefined && isInterrupted) throw new CliError('Interrupted: "toolplane logs" says what became of it');
  });
}

type Running = { tool: string; inputs: Record<string, unknown>; interrupted: AbortSignal };

async function runTool({ show }: CommandContext, { run_url, token }: DebugSession, running: Running): Promise<void> {
  const response = await ask(run_url.replace('{tool}', encodeURIComponent(running.tool)), {
    method: 'POST',
    headers: { authorization: `Token ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ inputs: running.inputs }),
    signal: running.interrupted,
  });
  const run = await readJson<DebugRun & RefusedRun>(response);
  if (!response.ok) throw new CliError(run.error?.message ?? `The MCP endpoint answered ${response.status}`);
  const { trace, outcome, error } = run;
  show(run, () => [...(trace === null ? ['No worker ran it'] : toTraceLines(trace)), `outcome: ${outcome}`]);
  if (error !== undefined) throw new CliError(`${error.code}: ${error.message}`);
}

async function follow(
  context: CommandContext,
  url: string,
  { token }: DebugSession,
  signal: AbortSignal,
): Promise<void> {
  const { api, terminal } = context;
  const headers = { 'x-api-key': api().login.key, authorization: `Token ${token}` };
  const response = await ask(url, { headers, signal });
  if (!response.ok || response.body === null) throw new CliError(`The platform answered ${response.status}`);
  terminal.note('Following the calls of the server; Ctrl-C ends it');
  const events = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  const calls = new Map<string, DebugEvent[]>();
  for await (const { event, data } of events) {
    if (event === 'end') {
      terminal.note(`The debug session has ended: ${(JSON.parse(data) as { reason: string }).reason}`);
      return;
    }
    showEnded(context, calls, JSON.parse(data) as DebugEvent);
  }
  throw new CliError('The connection broke off');
}

/** A call is shown as a whole, when it has ended. */
function showEnded({ show, terminal }: CommandContext, calls: Map<string, DebugEvent[]>, event: DebugEvent): void {
  if (event.kind === 'lost') {
    terminal.note('Some events are lost: more happened than a session keeps');
    return;
  }
  const known = [...(calls.get(event.call_id) ?? []), event];
  calls.set(event.call_id, known);
  if (event.kind !== 'end') return;
  calls.delete(event.call_id);
  const trace = assembleTrace(known);
  if (trace !== undefined) show(trace, () => [...toTraceLines(trace), `outcome: ${event.outcome}`, '']);
}
