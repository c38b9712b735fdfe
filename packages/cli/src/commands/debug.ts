import { assembleTrace, type DebugEvent, debugEventSchema, flowRunSchema } from '@toolplane/contracts';
import type { Command } from 'commander';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { z } from 'zod';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../command-context.ts';
import { dataOf, pathTo } from '../platform/api.ts';
import { toRefusal } from '../platform/mcp.ts';
import { parseAnswer } from '../platform/parse-answer.ts';
import { ask, parseJson, readJson } from '../platform/send.ts';
import { toTraceLines } from '../showing/trace-lines.ts';
import { addExamples } from './examples.ts';
import { wholeNumber } from './option-values.ts';
import { addInputOptions, type InputOptions, readInputs } from './tool-inputs.ts';

const sessionSchema = z.looseObject({
  id: z.string(),
  token: z.string(),
  run_url: z.string(),
  expires_at: z.string(),
});
type DebugSession = z.infer<typeof sessionSchema>;

const runSchema = z.looseObject({
  outcome: z.string(),
  trace: flowRunSchema.nullable(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
});
const endSchema = z.object({ reason: z.string() });

/** More than a session keeps, both of one call and in calls at a time. */
const EVENT_LENGTH_MAX = 16 * 1024 ** 2;
const CALLS_MAX = 1000;

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
    .option('--minutes <minutes>', 'how long the session lasts at most, up to 240', wholeNumber(1), 30);
  addExamples(debug, 'toolplane debug trains find_train -i number=7', 'toolplane debug trains');
  addInputOptions(debug).action(async (server: string, tool: string | undefined, { minutes, ...options }: Options) => {
    const inputs = readInputs(options);
    const isInterrupted = await context.untilInterrupted(async (interrupted) => {
      const request = { params: { path: { id: server } }, body: { minutes } };
      const session = dataOf(api(), sessionSchema, await api().POST('/mcp-servers/{id}/debug-sessions', request));
      const path = { id: server, sessionId: session.id };
      try {
        if (tool !== undefined) await runTool(context, session, { tool, inputs, interrupted });
        else
          await follow(
            context,
            pathTo('/mcp-servers/{id}/debug-sessions/{sessionId}/events', path),
            session,
            interrupted,
          );
      } finally {
        const ended = api().DELETE('/mcp-servers/{id}/debug-sessions/{sessionId}', { params: { path } });
        await ended.catch(({ message }: Error) => {
          context.terminal.note(`The debug session stays open until ${session.expires_at}: ${message}`);
        });
      }
    });
    if (tool === undefined || !isInterrupted) return;
    throw new CliError('Interrupted: "toolplane logs" shows how the call ended', { code: 'interrupted' });
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
  const answer = await readJson(response);
  if (!response.ok) throw toRefusal(answer, response);
  const run = parseAnswer(runSchema, answer, run_url);
  const { trace, outcome, error } = run;
  show(run, () => [...(trace === null ? ['No worker ran the call'] : toTraceLines(trace)), `outcome: ${outcome}`]);
  if (error !== undefined) throw new CliError(`${error.code}: ${error.message}`, { code: error.code });
}

async function follow(
  context: CommandContext,
  path: string,
  { token }: DebugSession,
  signal: AbortSignal,
): Promise<void> {
  const { api, terminal } = context;
  const { login } = api();
  const url = `${login.api}/api/v1${path}`;
  const headers = { 'x-api-key': login.key, authorization: `Token ${token}` };
  const response = await ask(url, { headers, signal });
  if (!response.ok || response.body === null) throw new CliError(`The platform answered ${response.status}`);
  terminal.note('Following the calls of the server; Ctrl-C ends it');
  const parser = new EventSourceParserStream({ maxBufferSize: EVENT_LENGTH_MAX, onError: 'terminate' });
  const events = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(parser);
  const calls = new Map<string, DebugEvent[]>();
  try {
    for await (const { event, data } of events) {
      if (event === 'end') {
        terminal.note(`The debug session has ended: ${readEvent(endSchema, data, url).reason}`);
        return;
      }
      showEnded(context, calls, readEvent(debugEventSchema, data, url));
    }
  } catch (error) {
    if (signal.aborted || error instanceof CliError) throw error;
  }
  throw new CliError('The connection broke off', { code: 'no_answer' });
}

function readEvent<Event>(schema: z.ZodType<Event>, text: string, url: string): Event {
  return parseAnswer(schema, parseJson(text), url);
}

/** A call is shown as a whole when it has ended. */
function showEnded({ show, terminal }: CommandContext, calls: Map<string, DebugEvent[]>, event: DebugEvent): void {
  if (event.kind === 'lost') {
    terminal.note('Some events are lost: there were more than a session keeps');
    return;
  }
  const known = [...(calls.get(event.call_id) ?? []), event];
  calls.set(event.call_id, known);
  // The end of such a call may be lost, and would then never arrive.
  if (calls.size > CALLS_MAX) calls.delete(calls.keys().next().value ?? '');
  if (event.kind !== 'end') return;
  calls.delete(event.call_id);
  const trace = assembleTrace(known);
  if (trace !== undefined) show(trace, () => [...toTraceLines(trace), `outcome: ${event.outcome}`, '']);
}
