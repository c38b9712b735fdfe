import { connectBus, createDebugStreamWriter } from '@toolplane/bus';
import type { DebugEvent, ManifestDebug } from '@toolplane/contracts';
import type { ReadEvent } from '@toolplane/loopback/read-server-sent-events';
import { parseCallKeys } from '@toolplane/sealing';
import { eventually } from './connected-api.ts';
import { flowerDocument, startTestControlPlane } from './control-plane.ts';

export const servers = '/api/v1/mcp_manager';
export type OpenedDebugging = { id: string; token: string; server: string; key: string; path: string };
export type DebuggedPlane = Awaited<ReturnType<typeof startDebuggedPlane>>;

/** Starts a control plane whose servers are debugged, and the data plane that reports runs. */
export async function startDebuggedPlane() {
  const plane = await startTestControlPlane({ poolNames: ['eu'] });
  const keys = parseCallKeys(plane.keys.commands);
  const bus = connectBus({ redisUrl: plane.redis.url });
  const writer = await createDebugStreamWriter({ bus, keys });
  let made = 0;

  async function createServer(): Promise<string> {
    made += 1;
    const { body } = await plane.send('POST', servers, { name: `debugged-${made}`, mode: 'NORMAL' });
    await plane.send('POST', `/api/v1/mcp-servers/${body.data.id}/deploy`, { definition: flowerDocument(`${made}`) });
    return body.data.id;
  }

  async function createKey(permissions: string[]): Promise<string> {
    return (await plane.send('POST', '/api/v1/api-keys', { name: 'for debugging', permissions })).body.data.key;
  }

  async function open(request: object = {}, { server = '', key = plane.rootKey } = {}): Promise<OpenedDebugging> {
    const of = server === '' ? await createServer() : server;
    const { status, body, text } = await plane.send('POST', `${servers}/${of}/debug-sessions`, request, { key });
    if (status !== 201) throw new Error(text);
    const { id, token } = body.data;
    return { id, token, server: of, key, path: `${servers}/${of}/debug-sessions/${id}` };
  }

  const show = async ({ path }: OpenedDebugging) => (await plane.send('GET', path)).body.data;
  const withToken = (token: string) => ({ authorization: `Token ${token}` });
  const look = ({ path, token, key }: OpenedDebugging, what: string) =>
    plane.send('GET', `${path}/${what}`, undefined, { key, headers: withToken(token) });

  function follow({ path, token, key }: OpenedDebugging, headers: Record<string, string> = {}) {
    return fetch(`${plane.base}${path}/events`, { headers: { 'x-api-key': key, ...withToken(token), ...headers } });
  }

  /** The debug session in the manifest, as an edge that was just started reads it. */
  async function published(server: string): Promise<ManifestDebug | undefined> {
    await using fresh = await plane.openSnapshot();
    return (await fresh.getManifest(server))?.debug;
  }

  const isKept = async ({ id }: OpenedDebugging) => (await plane.debugStreams.read(id)) !== undefined;

  /** Restarts Redis, which loses everything. `meanwhile` runs while Redis is unavailable. */
  async function restartRedis(meanwhile: () => Promise<unknown> = async () => undefined): Promise<void> {
    await plane.redis.kill();
    await meanwhile();
    await plane.redis.start();
    await eventually(
      () =>
        plane.publishing.catchUp().then(
          () => true,
          () => false,
        ),
      (isDone) => isDone,
    );
  }
  const change = ({ id }: OpenedDebugging, data: object) =>
    plane.database.asPlatform((tx) => tx.debugSession.update({ where: { id }, data }));

  async function report({ id }: OpenedDebugging, ...events: DebugEvent[]): Promise<void> {
    for (const event of events) writer.append(id, event);
    await writer.flush();
  }

  return {
    plane,
    keys,
    createServer,
    createKey,
    open,
    show,
    look,
    follow,
    published,
    isKept,
    restartRedis,
    change,
    report,
    async close() {
      await bus[Symbol.asyncDispose]();
      await plane.close();
    },
  };
}

/** The events with which data planes report a run, from its beginning to its end. */
export function eventsOf(callId: string, tool = 'ticket_status'): DebugEvent[] {
  const of = (seq: number) => ({ call_id: callId, seq, at: Date.now() });
  const value = (it: string) => ({ value: it, bytes: it.length });
  const request = { method: 'GET', url: 'https://api.example.test/tickets/7', query: {}, headers: {} };
  const ofStep = { path: '', step_id: 'find', attempt: 1, duration_ms: 5 };
  return [
    {
      kind: 'call',
      ...of(0),
      server_id: 'srv_x',
      tool,
      plan_digest: 'd',
      caller: 'key',
      inputs: value('in'),
    },
    { kind: 'exchange', ...of(1), ...ofStep, index: 0, request, response: { status: 200, headers: {} } },
    { kind: 'step', ...of(2), ...ofStep, action: { type: 'next' } },
    { kind: 'end', ...of(3), duration_ms: 9, outcome: 'done', outputs: value('out') },
  ];
}

/** Takes the next events of a stream, except comments. */
export async function take(stream: AsyncGenerator<ReadEvent, void>, count: number): Promise<ReadEvent[]> {
  const taken: ReadEvent[] = [];
  while (taken.length < count) {
    const { value, done } = await stream.next();
    if (done) break;
    if (value.comment === undefined) taken.push(value);
  }
  return taken;
}
