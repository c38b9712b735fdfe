/*
 * Sends one request as a client of either protocol era and records what that client was told. JSON-RPC over HTTP,
 * without a library.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { ClientAttempt, ClientOutcome } from './journal.ts';
import { monotonicMs } from './monotonic.ts';
import { type ToolName, tools } from './tools.ts';

export type CampaignTarget = {
  edge: string;
  /** The URL of the server at that edge. */
  url: string;
};

export type CampaignKey = {
  value: string;
  /** When the key was revoked. */
  revokedAt?: number;
};

export type CampaignRequest = {
  id: string;
  call: string;
  tool: ToolName;
  era: 'modern' | 'legacy';
  isKeyed: boolean;
  apiKey: CampaignKey;
  cancelAfterMs?: number;
};

/** What an attempt adds to its request. */
type Ending = Pick<ClientAttempt, 'reported'> &
  Partial<Pick<ClientAttempt, 'code' | 'message' | 'isReplayed' | 'answeredCall'>>;

/** A client gives up far later than any promise allows, so that late answers are seen. */
const GIVE_UP_MS_AFTER_DEADLINE = 120_000;
const POLL_MS = 250;
const MODERN_VERSION = '2026-07-28';
const LEGACY_VERSION = '2025-11-25';

/** Never rejects. `findTarget` chooses the edge for each poll of a task. */
export async function sendRequest(
  request: CampaignRequest,
  target: CampaignTarget,
  findTarget: () => CampaignTarget,
): Promise<Omit<ClientAttempt, 'lagMs'>> {
  const { id, call, tool, era, isKeyed, apiKey, cancelAfterMs } = request;
  const { revokedAt } = apiKey;
  const sentAt = monotonicMs();
  const giveUpAt = sentAt + tools[tool].deadlineMs + GIVE_UP_MS_AFTER_DEADLINE;
  const leave = new AbortController();
  const timer = setTimeout(() => leave.abort(), cancelAfterMs ?? giveUpAt - sentAt);
  const ending = await (era === 'modern' ? callModern : callLegacy)(request, target, leave.signal).catch(
    (error: unknown): Ending => toBrokenEnding(error, leave.signal.aborted, cancelAfterMs !== undefined),
  );
  clearTimeout(timer);
  const ended =
    'taskId' in ending ? await pollTask(ending.taskId, request, findTarget, giveUpAt).catch(brokenPoll) : ending;
  const revoked = revokedAt === undefined ? {} : { revokedAt };
  return { id, call, tool, era, edge: target.edge, isKeyed, sentAt, endedAt: monotonicMs(), ...ended, ...revoked };
}

function toBrokenEnding(error: unknown, isLeft: boolean, wantedToLeave: boolean): Ending {
  if (isLeft) return wantedToLeave ? { reported: 'left' } : { reported: 'lost', code: 'no_answer' };
  const { code = 'broken', message = '' } = ((error as Error).cause ?? error) as NodeJS.ErrnoException;
  return { reported: code === 'ECONNREFUSED' ? 'unreached' : 'lost', code, message };
}

function brokenPoll(error: unknown): Ending {
  return { reported: 'lost', code: 'task_lost', message: String(error) };
}

async function callModern(
  request: CampaignRequest,
  target: CampaignTarget,
  signal: AbortSignal,
): Promise<Ending | { taskId: string }> {
  const { id, tool, call, apiKey } = request;
  const answer = await post(target, apiKey, {
    signal,
    headers: { ...modernHeaders('tools/call', tool), ...keyHeader(request) },
    method: 'tools/call',
    params: { name: tool, arguments: { call }, _meta: modernMeta(id, tools[tool].isTask === true) },
  });
  return answer.result?.resultType === 'task' ? { taskId: answer.result.taskId ?? '' } : toEnding(answer);
}

/** Opens a new session for each call, because the session names the client. */
async function callLegacy(request: CampaignRequest, target: CampaignTarget, signal: AbortSignal): Promise<Ending> {
  const { id, tool, call, apiKey } = request;
  const opened = await post(target, apiKey, {
    signal,
    headers: {},
    method: 'initialize',
    params: { protocolVersion: LEGACY_VERSION, capabilities: {}, clientInfo: { name: id, version: '1' } },
  });
  if (opened.sessionId === null) return { ...toEnding(opened), reported: 'refused' };
  return toEnding(
    await post(target, apiKey, {
      signal,
      headers: {
        'mcp-session-id': opened.sessionId,
        'mcp-protocol-version': LEGACY_VERSION,
        ...keyHeader(request),
      },
      method: 'tools/call',
      params: { name: tool, arguments: { call } },
    }),
  );
}

/** Polls until the task ends. Any edge can answer; a failed poll is repeated. */
async function pollTask(
  taskId: string,
  { id, apiKey }: CampaignRequest,
  findTarget: () => CampaignTarget,
  giveUpAt: number,
): Promise<Ending> {
  while (monotonicMs() < giveUpAt) {
    await delay(POLL_MS);
    const answer = await post(findTarget(), apiKey, {
      signal: AbortSignal.timeout(2_000),
      headers: modernHeaders('tasks/get', taskId),
      method: 'tasks/get',
      params: { taskId, _meta: modernMeta(id, true) },
    }).catch(() => undefined);
    // Nothing is promised to a client whose key was revoked while its task ran.
    if (answer?.status === 401 && apiKey.revokedAt !== undefined) return { reported: 'left' };
    const { status, error, result } = answer?.result ?? {};
    if (status === 'completed' && result !== undefined) return toEnding({ status: 200, sessionId: null, result });
    if (status === 'cancelled') return { reported: 'left' };
    if (status === 'failed') return { ...toEnding({ status: 200, sessionId: null, error: error ?? {} }) };
  }
  return { reported: 'lost', code: 'task_without_end' };
}

type ToolError = { code?: string; outcome?: string; message?: string; call?: string };
type Result = {
  resultType?: string;
  taskId?: string;
  status?: string;
  isError?: boolean;
  structuredContent?: ToolError;
  error?: RpcError;
  result?: Result;
  _meta?: Record<string, unknown>;
};
type RpcError = { code?: number; message?: string; data?: ToolError };
type Answer = { status: number; sessionId: string | null; result?: Result; error?: RpcError };

function toEnding({ status, result, error }: Answer): Ending {
  if (result === undefined) {
    const { data, message = '', code } = error ?? {};
    const reported = toReported(data?.outcome) ?? 'refused';
    return { reported, code: data?.code ?? String(code ?? status), message };
  }
  const { isError = false, structuredContent = {}, _meta } = result;
  const replayed = _meta?.['io.toolplane/replayed'] === true ? { isReplayed: true as const } : {};
  if (!isError) return { reported: 'done', ...replayed, answeredCall: structuredContent.call ?? '' };
  const { outcome, code = '', message = '' } = structuredContent;
  return { reported: toReported(outcome) ?? 'failed', code, message, ...replayed };
}

function toReported(outcome: string | undefined): ClientOutcome | undefined {
  if (outcome === 'done') return 'failed';
  return outcome === 'not_started' || outcome === 'unknown' ? outcome : undefined;
}

type Message = { signal: AbortSignal; headers: Record<string, string>; method: string; params: object };

async function post(
  { url }: CampaignTarget,
  apiKey: CampaignKey,
  { signal, headers, method, params }: Message,
): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    signal,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'x-api-key': apiKey.value,
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  const text = await response.text();
  const sessionId = response.headers.get('mcp-session-id');
  return { status: response.status, sessionId, ...readBody(text) };
}

/** Reads a body that is JSON, or a stream of events whose last one is the answer. */
function readBody(text: string): Pick<Answer, 'result' | 'error'> {
  const json = text.startsWith('{')
    ? text
    : text.split('\n').findLast((line) => line.startsWith('data:') && /"(result|error)":/.test(line));
  try {
    return JSON.parse(json?.replace(/^data:/, '') ?? '{}');
  } catch {
    return {};
  }
}

const keyHeader = ({ isKeyed, call }: CampaignRequest): Record<string, string> =>
  isKeyed ? { 'idempotency-key': call } : {};

const modernHeaders = (method: string, name: string) => ({
  'mcp-protocol-version': MODERN_VERSION,
  'mcp-method': method,
  'mcp-name': name,
});

function modernMeta(client: string, knowsTasks: boolean) {
  return {
    'io.modelcontextprotocol/protocolVersion': MODERN_VERSION,
    'io.modelcontextprotocol/clientCapabilities': knowsTasks
      ? { extensions: { 'io.modelcontextprotocol/tasks': {} } }
      : {},
    'io.modelcontextprotocol/clientInfo': { name: client, version: '1' },
  };
}
