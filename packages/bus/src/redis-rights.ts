/*
 * Which services may access which key and channel of keys.ts, and how long each key lives. The users of the Redis ACL
 * get these rights and no others (redis-users.ts), so a stolen password gives access only to what its service uses.
 *
 * A service that may read and write a key may do anything with it. Redis treats every key that is passed to a script as
 * written, so a key that only one side writes is never passed to a script of the other.
 */
import { inPool, queueName } from './keys.ts';

export type Service = 'edge' | 'data-plane' | 'control-plane';
/** In patterns, `*` matches any characters. */
export type KeyRights = { keys: string; writes: Service[]; reads: Service[] };
export type ChannelRights = { channel: string; publishes: Service[]; subscribes: Service[] };

const [edge, dataPlane, controlPlane] = ['edge', 'data-plane', 'control-plane'] as const;

/** The service that puts calls into each queue. The data plane is the worker of all queues. */
const callers = { calls: edge, commands: controlPlane } as const;
const queuesOf = (pool: string | undefined) =>
  Object.entries(callers).map(([queue, caller]) => [inPool(queue, pool), caller] as const);

/** Debug sessions exist only for servers of the default pool. */
const debugged = (pool: string | undefined) => (pool === undefined ? [dataPlane] : []);

/** The rights to all keys, including those of the data planes of this pool; undefined stands for the default pool. */
export const keyRightsIn = (pool?: string): KeyRights[] => [
  ...queuesOf(pool).flatMap(([queue, caller]): KeyRights[] => [
    // Keys of BullMQ. Kept as long as the job; settings of the queue are permanent.
    { keys: `tp:queue:${queueName(queue)}:*`, writes: [caller, dataPlane], reads: [caller, dataPlane] },
    // Kept until the call ends, at most until its deadline + 3 s. The data plane returns leases of a caller that died.
    { keys: `tp:leases:${queue}`, writes: [caller, dataPlane], reads: [caller] },
    { keys: `tp:leases:${queue}:*`, writes: [caller, dataPlane], reads: [caller] },
    // Kept until 60 s after the deadline.
    { keys: `tp:fence:${queue}:*`, writes: [caller, dataPlane], reads: [caller, dataPlane] },
    // Kept for 60 s; for at most 15 s if the reply is large and was received; or for as long as the caller requests, at
    // most 24 h.
    { keys: `tp:reply:${queue}:*`, writes: [dataPlane], reads: [caller, dataPlane] },
  ]),
  // Signed, permanent.
  // The control plane reads which plans these documents name.
  { keys: 'tp:manifest:*', writes: [controlPlane], reads: [edge, controlPlane] },
  { keys: 'tp:catalogue:*', writes: [controlPlane], reads: [edge, controlPlane] },
  { keys: 'tp:slug:*', writes: [controlPlane], reads: [edge] },
  { keys: 'tp:api-key:*', writes: [controlPlane], reads: [edge] },
  // Kept until 8 days after no manifest names the plan any more.
  { keys: 'tp:plan:*', writes: [controlPlane], reads: [dataPlane] },
  { keys: 'tp:plans', writes: [controlPlane], reads: [controlPlane] },
  { keys: 'tp:egress:*', writes: [controlPlane], reads: [dataPlane] },
  { keys: 'tp:users:*', writes: [controlPlane], reads: [edge] },
  { keys: 'tp:user:*', writes: [controlPlane], reads: [edge] },
  // Signed, kept until the approval ends.
  { keys: 'tp:approval:*', writes: [controlPlane], reads: [edge] },
  { keys: 'tp:issuer', writes: [controlPlane], reads: [edge] },
  { keys: 'tp:publication', writes: [controlPlane], reads: [controlPlane, edge, dataPlane] },
  // Unsigned, kept as long as the link would have been valid. Writing to this key only makes edges issue new links.
  { keys: 'tp:used-link:*', writes: [controlPlane], reads: [edge] },
  // Kept until the control plane has collected and deleted the entries.
  { keys: inPool('tp:secret-uses', pool), writes: [dataPlane, controlPlane], reads: [controlPlane] },
  { keys: 'tp:seen-callers', writes: [edge, controlPlane], reads: [edge, controlPlane] },
  { keys: 'tp:seen-users', writes: [edge, controlPlane], reads: [edge, controlPlane] },
  { keys: 'tp:decisions', writes: [edge, controlPlane], reads: [edge, controlPlane] },
  { keys: 'tp:approval-requests', writes: [edge, controlPlane], reads: [edge, controlPlane] },
  // Kept in the same way, but at most 64 MiB.
  { keys: 'tp:call-log', writes: [edge, controlPlane], reads: [edge, controlPlane] },
  { keys: 'tp:call-log-size', writes: [edge, controlPlane], reads: [edge, controlPlane] },
  // Kept until the debug session ends, and at most 16 MiB each. The control plane creates and deletes the stream.
  { keys: 'tp:debug:*', writes: [...debugged(pool), controlPlane], reads: [...debugged(pool), controlPlane] },
  // Kept for the time that the last write sets.
  { keys: 'tp:session:*', writes: [edge], reads: [edge] },
  { keys: 'tp:stream:*', writes: [edge], reads: [edge] },
  { keys: 'tp:once:*', writes: [edge], reads: [edge] },
  { keys: 'tp:record:*', writes: [edge], reads: [edge] },
  // Kept for 8 days after the last write. Writing to this key can only lift or exhaust budgets.
  { keys: 'tp:bytes:*', writes: [edge], reads: [edge] },
  // Unsigned, kept for a minute. Only shown to operators; nothing else depends on it.
  { keys: 'tp:processes:edge', writes: [edge, controlPlane], reads: [edge, controlPlane] },
  {
    keys: inPool('tp:processes:data-plane', pool),
    writes: [dataPlane, controlPlane],
    reads: [dataPlane, controlPlane],
  },
  { keys: 'tp:processes:control-plane', writes: [controlPlane], reads: [controlPlane] },
  // Kept for the interval of the limit, after its last call.
  { keys: `${inPool('tp:rate', pool)}:*`, writes: [dataPlane], reads: [dataPlane] },
  { keys: 'tp:policy-rate:*', writes: [edge], reads: [edge] },
  // Kept until the longest of the calls ends, at most until its deadline + 1 s.
  { keys: 'tp:policy-places:*', writes: [edge], reads: [edge] },
  // Kept for the time that the locking process sets. The control plane locks credentials, the data plane locks tokens.
  { keys: `${inPool('tp:lock', pool)}:*`, writes: [dataPlane, controlPlane], reads: [dataPlane, controlPlane] },
];

export const channelRightsIn = (pool?: string): ChannelRights[] => [
  ...queuesOf(pool).flatMap(([queue, caller]): ChannelRights[] => [
    // A caller that cancels another caller's call sends it the reply in place of the worker.
    { channel: `tp:replies:${queue}:*`, publishes: [dataPlane, caller], subscribes: [caller] },
    { channel: `tp:cancel:${queue}`, publishes: [caller], subscribes: [dataPlane] },
    { channel: `tp:answers:${queue}:*`, publishes: [caller], subscribes: [dataPlane] },
  ]),
  { channel: 'tp:changes', publishes: [controlPlane], subscribes: [edge, dataPlane] },
  { channel: inPool('tp:secret-changes', pool), publishes: [dataPlane], subscribes: [dataPlane] },
  { channel: 'tp:session-changes', publishes: [edge], subscribes: [edge] },
  { channel: 'tp:session-events', publishes: [edge], subscribes: [edge] },
  { channel: 'tp:debug-events', publishes: [...debugged(pool), controlPlane], subscribes: [controlPlane] },
  { channel: 'tp:deliveries:*', publishes: [edge], subscribes: [edge] },
  { channel: 'tp:stream-events:*', publishes: [edge], subscribes: [edge] },
];
