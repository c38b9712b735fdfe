/*
 * Every key and channel that Toolplane uses in Redis. redis-rights.ts says which service may access which of them, and
 * the users of the Redis ACL are generated from it: a key or channel that is added here needs a row there.
 *
 * Keys and channels of calls and commands contain the name of the queue, so that rights to one queue are not rights to
 * another; those of the data planes of a pool (their queues, and what they count, lock and send to each other) contain
 * the pool after a dot. Ids that edges use, and names of what is counted or locked, are hashed because they are long,
 * reveal something or are chosen by clients.
 */
import { hash } from 'node:crypto';

/** Stands for any pool in patterns of rights. */
export const ANY_POOL = '*';

/**
 * Nothing else turns a pool into names in Redis. A pool name has no dot and no star, so no right to one pool is a right
 * to another. Names without a pool belong to the default pool.
 */
export const inPool = (name: string, pool?: string) => (pool === undefined ? name : `${name}.${pool}`);

/** The pool that something belongs to. Absent for the default pool, and for services without pools. */
export type InPool = { pool?: string | undefined };

/** The prefix of BullMQ's own keys. */
export const QUEUE_PREFIX = 'tp:queue';

/**
 * The version of the keys that belong to a call. Releases with different versions share neither a queue nor the epoch
 * of a call.
 */
export const CALL_KEYS_VERSION = 2;

/** Replaces an id, or what is counted or locked, in the names of keys and channels, however long it is. */
export const hashOfId = (id: string) => hash('sha256', id, 'base64url');

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
  /** A set: the digests of all plans in Redis. */
  plans: 'tp:plans',
  catalogue: (workspaceId: string) => `tp:catalogue:${workspaceId}`,
  egressRules: (workspaceId: string) => `tp:egress:${workspaceId}`,
  userRules: (workspaceId: string) => `tp:users:${workspaceId}`,
  externalUser: (workspaceId: string, userDigest: string) => `tp:user:${workspaceId}:${userDigest}`,
  approval: (workspaceId: string, requestDigest: string) => `tp:approval:${workspaceId}:${requestDigest}`,
  issuer: 'tp:issuer',
  /** Exists once the connect link has been used. */
  usedLink: (hash: string) => `tp:used-link:${hash}`,
  /** A hash: when each version of a secret was last used. */
  secretUses: (pool?: string) => inPool('tp:secret-uses', pool),
  /** A hash: API keys and agents that recently made requests. */
  seenCallers: 'tp:seen-callers',
  /** A hash: external users on whose behalf requests were recently made. */
  seenUsers: 'tp:seen-users',
  /** A hash: calls that edges recently refused. */
  decisions: 'tp:decisions',
  /** A hash: calls that wait for somebody's approval. */
  approvalRequests: 'tp:approval-requests',
  /** A stream: batches of calls that have ended. */
  callLog: 'tp:call-log',
  /** A hash: the size of the call log in bytes, and how many calls were dropped for lack of room. */
  callLogSize: 'tp:call-log-size',
  /** A stream: what runs do during a debug session. */
  debug: (sessionId: string) => `tp:debug:${sessionId}`,
  publication: 'tp:publication',
  /** A hash: the state that each process of a service last reported. */
  processes: (service: string, pool?: string) => inPool(`tp:processes:${service}`, pool),
  session: (hash: string) => `tp:session:${hash}`,
  stream: (hash: string) => `tp:stream:${hash}`,
  once: (hash: string) => `tp:once:${hash}`,
  /** A hash: how many bytes an organization has in Redis, by the time at which these bytes expire. */
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
