import { errorCodes, type JsonObject, toAppError } from '@toolplane/contracts';
import { z } from 'zod';
import type { McpRequest } from '../calls/mcp-request.ts';
import type { Edge } from '../edge.ts';
import type { ChangedList, ManifestChange } from '../manifests/server-changes.ts';
import { invalidParams, McpError, rpcCodes } from '../protocol/mcp-error.ts';
import { metaKeys } from '../protocol/protocol.ts';
import { toNotifications } from './change-notifications.ts';
import type { HandleMethod } from './handle.ts';

const NAMED_MAX = 100;
const NAME_LENGTH_MAX = 2048;

const namesSchema = z.array(z.string().max(NAME_LENGTH_MAX)).max(NAMED_MAX).optional();
const filterSchema = z.object({
  toolsListChanged: z.boolean().optional(),
  promptsListChanged: z.boolean().optional(),
  resourcesListChanged: z.boolean().optional(),
  resourceSubscriptions: namesSchema,
  /** The ids of tasks, for the tasks extension. */
  taskIds: namesSchema,
});
type Filter = z.infer<typeof filterSchema>;

const listMembers = {
  tools: 'toolsListChanged',
  prompts: 'promptsListChanged',
  resources: 'resourcesListChanged',
} as const;

/**
 * `subscriptions/listen` (2026-07-28, D5): one long request that sends the notifications which its client requested.
 * Its result is a regular end: this edge stops, or the server or the right to use it is gone.
 */
export const listen: HandleMethod = async (request, edge) => {
  const { id, server, principal, signal } = request;
  const { filter, notify } = readRequest(request);
  const meta = { [metaKeys.subscriptionId]: id };
  const report = (method: string, params: JsonObject) => notify(method, { ...params, _meta: meta });

  using resources = new DisposableStack();
  resources.defer(acquireSlot(edge, request));
  const ended = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => ended.resolve(), { once: true });
  const tasks = filter.taskIds && (await edge.watchTasks(request, filter.taskIds, report));
  if (tasks !== undefined) resources.defer(tasks.stop);
  const honoured = toHonoured({ ...filter, taskIds: tasks?.taskIds }, server.lists.capabilities.modern);
  report('notifications/subscriptions/acknowledged', { notifications: honoured as JsonObject });
  if (Object.keys(honoured).length > 0 && !signal.aborted) {
    const onChange = (change: ManifestChange) => {
      for (const { method, params } of wantedNotifications(change, honoured)) report(method, params);
    };
    // Nothing may be sent before the acknowledgement.
    tasks?.start();
    resources.defer(edge.watchServer({ server, principal, onChange, onEnd: ended.resolve }));
    await ended.promise;
  }
  return { members: '', meta };
};

function readRequest({ params, notify }: McpRequest): { filter: Filter; notify: NonNullable<McpRequest['notify']> } {
  const filter = filterSchema.safeParse(params['notifications']);
  if (!filter.success) {
    throw invalidParams(`notifications is missing or is not a filter (of at most ${NAMED_MAX} resources and tasks)`);
  }
  if (notify === undefined) {
    const message = 'Listening requires a stream: accept text/event-stream';
    throw new McpError(rpcCodes.invalidRequest, message, { status: 406 });
  }
  return { filter: filter.data, notify };
}

/** Returns the part of the filter that the server's declared capabilities cover. */
function toHonoured({ taskIds = [], ...filter }: Filter, capabilities: JsonObject): Filter {
  const honoured: Filter = taskIds.length > 0 ? { taskIds } : {};
  for (const list of Object.keys(listMembers) as ChangedList[]) {
    const member = listMembers[list];
    if (filter[member] === true && Object.hasOwn(capabilities, list)) honoured[member] = true;
  }
  const uris = [...new Set(filter.resourceSubscriptions)];
  if (uris.length > 0 && Object.hasOwn(capabilities, 'resources')) honoured.resourceSubscriptions = uris;
  return honoured;
}

function wantedNotifications({ lists, isUpdated }: ManifestChange, honoured: Filter) {
  const wanted = new Set([...lists].filter((list) => honoured[listMembers[list]] === true));
  return toNotifications({ lists: wanted, isUpdated }, honoured.resourceSubscriptions ?? []);
}

/**
 * Takes a slot for a stream. The error has its own HTTP status, because nothing was sent yet and a client backs off by
 * the status.
 */
function acquireSlot({ openStreams }: Pick<Edge, 'openStreams'>, { principal, server }: McpRequest): () => void {
  try {
    return openStreams.acquire(principal, server.manifest);
  } catch (thrown) {
    const { code, message } = toAppError(thrown);
    const { rpc, http } = errorCodes[code];
    throw new McpError(rpc, message, { data: { code }, status: http });
  }
}
