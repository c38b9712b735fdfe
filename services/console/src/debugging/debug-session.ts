import type { ApiClient, OpenedDebugSession } from '@toolplane/api-client';
import type { FlowRun } from '@toolplane/contracts';
import { ApiError } from '../api/api-error.ts';
import { ask } from '../api/send.ts';

/** The result of a run of a tool. */
export type DebugRun = {
  outcome: 'done' | 'not_started' | 'unknown';
  outputs: unknown;
  error?: { code: string; message: string };
  trace: FlowRun | null;
};

const MINUTES = 15;

/** The sessions that this page has opened, by server: a token is shown only once, and is stored nowhere else. */
const opened = new Map<string, OpenedDebugSession>();

type Debugged = { serverId: string; personId: string };

/**
 * Opens the debug session of this page at a server, or returns the open one. A server has one session at a time: a
 * session that this person has open elsewhere is ended, a session of somebody else is not. In that case, `ApiError`
 * says whose it is.
 */
async function openDebugSession(api: ApiClient, { serverId, personId }: Debugged): Promise<OpenedDebugSession> {
  const known = opened.get(serverId);
  if (known !== undefined && Date.parse(known.expires_at) > Date.now()) return known;
  const path = { id: serverId };
  const { data: sessions } = await api.GET('/mcp-servers/{id}/debug-sessions', {
    params: { path, query: { limit: 1 } },
  });
  const [latest] = sessions;
  const isOwn = latest?.opened_by.kind === 'person' && latest.opened_by.id === personId;
  if (isOwn && latest.state === 'open') await end(api, serverId, latest.id);
  const { data } = await api.POST('/mcp-servers/{id}/debug-sessions', { params: { path }, body: { minutes: MINUTES } });
  opened.set(serverId, data);
  return data;
}

/** Returns whether this page has an open session at the server. */
export function hasDebugSession(serverId: string): boolean {
  return opened.has(serverId);
}

/** Ends the session, after which all recorded data is deleted. */
export async function endDebugSession(api: ApiClient, serverId: string): Promise<void> {
  const session = opened.get(serverId);
  if (session === undefined) return;
  await end(api, serverId, session.id);
  opened.delete(serverId);
}

async function end(api: ApiClient, serverId: string, sessionId: string): Promise<void> {
  await api.DELETE('/mcp-servers/{id}/debug-sessions/{sessionId}', { params: { path: { id: serverId, sessionId } } });
}

/** Runs a tool for real, in the debug session of this page, which may have been ended elsewhere. Throws `ApiError`. */
export async function runTool(api: ApiClient, debugged: Debugged, tool: string, inputs: unknown): Promise<DebugRun> {
  const first = await run(await openDebugSession(api, debugged), tool, inputs);
  if (first.status !== SESSION_IS_OVER) return read(first);
  opened.delete(debugged.serverId);
  return read(await run(await openDebugSession(api, debugged), tool, inputs));
}

const SESSION_IS_OVER = 401;

/** Calls the edge with the token of the session. */
function run({ run_url, token }: OpenedDebugSession, tool: string, inputs: unknown): Promise<Response> {
  const request = new Request(run_url.replace('{tool}', encodeURIComponent(tool)), {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Token ${token}` },
    body: JSON.stringify({ inputs }),
  });
  return ask(request);
}

/** A refusal by the edge says nothing about the sign-in session of the person. */
async function read(response: Response): Promise<DebugRun> {
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  const { message = `The MCP endpoint answered ${response.status}`, data } = answer.error ?? {};
  throw new ApiError(0, { code: data?.code ?? 'refused', message });
}
