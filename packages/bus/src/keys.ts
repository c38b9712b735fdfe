/*
 * Every key and channel that Toolplane has in Redis, and who may touch it. The Redis ACL of a deployment follows this
 * table: a user gets the keys it writes, the keys it reads (`%R~`) and the channels named here, nothing else.
 *
 *   name                       written by              read by                 lives for
 *   tp:queue:<queue>:*         caller, worker (BullMQ) caller, worker          the job
 *   tp:leases:<queue>[:tenant] caller                  caller                  the call, at most its deadline + 3 s
 *   tp:fence:<call>            caller, worker          caller, worker          deadline + 60 s
 *   tp:reply:<call>            worker                  caller                  60 s, or what the caller wants, at most 24 h
 *   tp:manifest:<server>       publisher               edge, data plane        for ever
 *   tp:slug:<workspace>:<slug> publisher               edge                    for ever
 *   tp:api-key:<key id>        publisher               edge                    for ever
 *   tp:plan:<digest>           publisher               data plane              for ever
 *   tp:publication             publisher               edge, data plane        for ever
 *   tp:session:<hash>          edge                    edge                    as told by its last change
 *   tp:stream:<hash>           edge                    edge                    as told by its last event
 *   tp:once:<hash>             edge                    edge                    as told
 *   tp:record:<kind>:<hash>    edge                    edge                    as told by its last write
 *   tp:rate:<hash>             data plane              data plane              the interval, from its last call
 *   tp:lock:<hash>             data plane              data plane              as told
 *   channel tp:replies:<caller>  worker, caller        that caller
 *   channel tp:cancel:<queue>    caller                worker
 *   channel tp:changes           publisher             edge, data plane
 *   channel tp:secret-changes    data plane            data plane
 *   channel tp:session-changes   edge                  edge
 *   channel tp:session-events    edge                  edge
 *   channel tp:deliveries:<hash> edge                  edge
 *   channel tp:stream-events:<hash> edge               edge
 *
 * "caller" is the edge for calls and the control plane for commands; "worker" is the data plane for both. The ids that
 * edges use, and what is counted or locked, are hashed: they are long, or tell something, or are chosen by clients.
 */

/** Prefix of BullMQ's own keys. */
export const QUEUE_PREFIX = 'tp:queue';

/** The major version of the envelope is in the queue's name, so that incompatible releases never share a queue. */
export const queueName = (queue: string) => `${queue}-1`;

export const keys = {
  totalLeases: (queue: string) => `tp:leases:${queue}`,
  tenantLeases: (queue: string, tenant: string) => `tp:leases:${queue}:${tenant}`,
  fence: (callId: string) => `tp:fence:${callId}`,
  reply: (callId: string) => `tp:reply:${callId}`,
  manifest: (serverId: string) => `tp:manifest:${serverId}`,
  slug: (workspaceId: string, slug: string) => `tp:slug:${workspaceId}:${slug}`,
  apiKey: (keyId: string) => `tp:api-key:${keyId}`,
  plan: (digest: string) => `tp:plan:${digest}`,
  publication: 'tp:publication',
  session: (hash: string) => `tp:session:${hash}`,
  stream: (hash: string) => `tp:stream:${hash}`,
  once: (hash: string) => `tp:once:${hash}`,
  record: (kind: string, hash: string) => `tp:record:${kind}:${hash}`,
  rate: (hash: string) => `tp:rate:${hash}`,
  lock: (hash: string) => `tp:lock:${hash}`,
} as const;

export const channels = {
  replies: (callerId: string) => `tp:replies:${callerId}`,
  cancel: (queue: string) => `tp:cancel:${queue}`,
  changes: 'tp:changes',
  secretChanges: 'tp:secret-changes',
  sessionChanges: 'tp:session-changes',
  sessionEvents: 'tp:session-events',
  deliveries: (hash: string) => `tp:deliveries:${hash}`,
  streamEvents: (hash: string) => `tp:stream-events:${hash}`,
} as const;
