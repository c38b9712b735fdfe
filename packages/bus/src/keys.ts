/*
 * Every key and channel that Toolplane has in Redis. Who may touch which is in redis-rights.ts, from which the users of
 * the Redis ACL are made: what is added here needs a row there.
 *
 * What belongs to calls and commands has the queue in its name, so that the rights to one are none to the other; what
 * belongs to the data planes of a pool has that one. The ids that edges use, and what is counted or locked, are hashed:
 * they are long, or tell something, or are chosen by clients.
 */

import { inPool } from './pools.ts';

/** Prefix of BullMQ's own keys. */
export const QUEUE_PREFIX = 'tp:queue';

/** Of what goes with a call. Releases that differ in it share neither a queue nor the epoch of a call. */
export const CALL_KEYS_VERSION = 2;

export const queueName = (queue: string) => `${queue}-${CALL_KEYS_VERSION}`;

export const keys = {
  totalLeases: (queue: string) => `tp:leases:${queue}`,
  tenantLeases: (queue: string, tenant: string) => `tp:leases:${queue}:${tenant}`,
  organizationLeases: (queue: string, organization: string) => `tp:leases:${queue}:organization:${organization}`,
  fence: (queue: string, callId: string) => `tp:fence:${queue}:${callId}`,
  reply: (queue: string, callId: string) => `tp:reply:${queue}:${callId}`,
  manifest: (serverId: string) => `tp:manifest:${serverId}`,
  slug: (workspaceId: string, slug: string) => `tp:slug:${workspaceId}:${slug}`,
  apiKey: (keyId: string) => `tp:api-key:${keyId}`,
  plan: (digest: string) => `tp:plan:${digest}`,
  /** A set: the digests of all plans that are there. */
  plans: 'tp:plans',
  catalogue: (workspaceId: string) => `tp:catalogue:${workspaceId}`,
  egressRules: (workspaceId: string) => `tp:egress:${workspaceId}`,
  userRules: (workspaceId: string) => `tp:users:${workspaceId}`,
  externalUser: (workspaceId: string, userDigest: string) => `tp:user:${workspaceId}:${userDigest}`,
  approval: (workspaceId: string, requestDigest: string) => `tp:approval:${workspaceId}:${requestDigest}`,
  issuer: 'tp:issuer',
  /** There once the connect link was used. */
  usedLink: (hash: string) => `tp:used-link:${hash}`,
  /** A hash: when each version of a secret was last used. */
  secretUses: (pool?: string) => inPool('tp:secret-uses', pool),
  /** A hash: which keys and agents lately made requests. */
  seenCallers: 'tp:seen-callers',
  /** A hash: in whose name requests were lately made. */
  seenUsers: 'tp:seen-users',
  /** A hash: which calls edges lately refused. */
  decisions: 'tp:decisions',
  /** A hash: calls that wait for somebody's approval. */
  approvalWishes: 'tp:approval-wishes',
  /** A stream: batches of calls that have ended. */
  callLog: 'tp:call-log',
  /** A hash: its bytes, and how many calls had no room in it. */
  callLogSize: 'tp:call-log-size',
  /** A stream: what runs do while somebody debugs. */
  debug: (sessionId: string) => `tp:debug:${sessionId}`,
  publication: 'tp:publication',
  /** A hash: what each process of a service said last of how it is. */
  processes: (service: string, pool?: string) => inPool(`tp:processes:${service}`, pool),
  session: (hash: string) => `tp:session:${hash}`,
  stream: (hash: string) => `tp:stream:${hash}`,
  once: (hash: string) => `tp:once:${hash}`,
  /** A hash: how many bytes an organization has in Redis, by the time at which they expire. */
  bytes: (hash: string) => `tp:bytes:${hash}`,
  record: (kind: string, hash: string) => `tp:record:${kind}:${hash}`,
  rate: (hash: string, pool?: string) => `${inPool('tp:rate', pool)}:${hash}`,
  policyRate: (hash: string) => `tp:policy-rate:${hash}`,
  policyPlaces: (hash: string) => `tp:policy-places:${hash}`,
  lock: (hash: string, pool?: string) => `${inPool('tp:lock', pool)}:${hash}`,
} as const;

export const channels = {
  replies: (queue: string, callerId: string) => `tp:replies:${queue}:${callerId}`,
  cancel: (queue: string) => `tp:cancel:${queue}`,
  answers: (queue: string, workerId: string) => `tp:answers:${queue}:${workerId}`,
  changes: 'tp:changes',
  secretChanges: (pool?: string) => inPool('tp:secret-changes', pool),
  sessionChanges: 'tp:session-changes',
  sessionEvents: 'tp:session-events',
  debugEvents: 'tp:debug-events',
  deliveries: (hash: string) => `tp:deliveries:${hash}`,
  streamEvents: (hash: string) => `tp:stream-events:${hash}`,
} as const;
