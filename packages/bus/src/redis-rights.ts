/*
 * Who may touch which key and channel of keys.ts, and how long it lives. The users of the Redis ACL get these rights
 * and no others (redis-users.ts), so a stolen password opens what its service uses and nothing else.
 *
 * A right to read and write is one to do anything with the key. Redis takes every key that a script is given for
 * written, so what only one side writes is never given to a script of the other.
 */
import { queueName } from './keys.ts';
import { inPool } from './pools.ts';

export type Service = 'edge' | 'data-plane' | 'control-plane';
/** In patterns, `*` matches any characters. */
export type KeyRights = { keys: string; writes: Service[]; reads: Service[] };
export type ChannelRights = { channel: string; publishes: Service[]; subscribes: Service[] };

const [edge, dataPlane, controlPlane] = ['edge', 'data-plane', 'control-plane'] as const;

/** The caller of a queue puts calls into it, the data plane is the worker of all of them. */
const callers = { calls: edge, commands: controlPlane } as const;
const queuesOf = (pool: string | undefined) =>
  Object.entries(callers).map(([queue, caller]) => [inPool(queue, pool), caller] as const);

/** Debug sessions are for servers of the default pool. */
const debugged = (pool: string | undefined) => (pool === undefined ? [dataPlane] : []);

/** With what is of the data planes of this pool; undefined: of the default pool. */
export const keyRightsIn = (pool?: string): KeyRights[] => [
  ...queuesOf(pool).flatMap(([queue, caller]): KeyRights[] => [
    // Of BullMQ: the job; settings of the queue for ever.
    { keys: `tp:queue:${queueName(queue)}:*`, writes: [caller, dataPlane], reads: [caller, dataPlane] },
    // The call, at most its deadline + 3 s. The data plane gives back those of a caller that died.
    { keys: `tp:leases:${queue}`, writes: [caller, dataPlane], reads: [caller] },
    { keys: `tp:leases:${queue}:*`, writes: [caller, dataPlane], reads: [caller] },
    // Deadline + 60 s.
    { keys: `tp:fence:${queue}:*`, writes: [caller, dataPlane], reads: [caller, dataPlane] },
    // 60 s, large ones that were heard at most 15 s, or what the caller wants, at most 24 h.
    { keys: `tp:reply:${queue}:*`, writes: [dataPlane], reads: [caller, dataPlane] },
  ]),
  // Signed, for ever.
  // The control plane reads which plans they name.
  { keys: 'tp:manifest:*', writes: [controlPlane], reads: [edge, controlPlane] },
  { keys: 'tp:catalogue:*', writes: [controlPlane], reads: [edge, controlPlane] },
  { keys: 'tp:slug:*', writes: [controlPlane], reads: [edge] },
  { keys: 'tp:api-key:*', writes: [controlPlane], reads: [edge] },
  // From the day on which no manifest names it any more, 8 days.
  { keys: 'tp:plan:*', writes: [controlPlane], reads: [dataPlane] },
  { keys: 'tp:plans', writes: [controlPlane], reads: [controlPlane] },
  { keys: 'tp:egress:*', writes: [controlPlane], reads: [dataPlane] },
  { keys: 'tp:users:*', writes: [controlPlane], reads: [edge] },
  { keys: 'tp:user:*', writes: [controlPlane], reads: [edge] },
  // Signed, until it ends.
  { keys: 'tp:approval:*', writes: [controlPlane], reads: [edge] },
  { keys: 'tp:issuer', writes: [controlPlane], reads: [edge] },
  { keys: 'tp:publication', writes: [controlPlane], reads: [controlPlane, edge, dataPlane] },
  // Unsigned, as long as the link would have been valid: writing there only makes edges issue new links.
  { keys: 'tp:used-link:*', writes: [controlPlane], reads: [edge] },
  // Until the control plane has taken it over and deleted it.
  { keys: inPool('tp:secret-uses', pool), writes: [dataPlane, controlPlane], reads: [controlPlane] },
  { keys: 'tp:seen-callers', writes: [edge, controlPlane], reads: [edge, controlPlane] },
  { keys: 'tp:seen-users', writes: [edge, controlPlane], reads: [edge, controlPlane] },
  { keys: 'tp:decisions', writes: [edge, controlPlane], reads: [edge, controlPlane] },
  { keys: 'tp:approval-wishes', writes: [edge, controlPlane], reads: [edge, controlPlane] },
  // Besides, at most 64 MiB.
  { keys: 'tp:call-log', writes: [edge, controlPlane], reads: [edge, controlPlane] },
  { keys: 'tp:call-log-size', writes: [edge, controlPlane], reads: [edge, controlPlane] },
  // Until the debug session ends, and at most 16 MiB each. The control plane makes and deletes it.
  { keys: 'tp:debug:*', writes: [...debugged(pool), controlPlane], reads: [...debugged(pool), controlPlane] },
  // As told by the last write.
  { keys: 'tp:session:*', writes: [edge], reads: [edge] },
  { keys: 'tp:stream:*', writes: [edge], reads: [edge] },
  { keys: 'tp:once:*', writes: [edge], reads: [edge] },
  { keys: 'tp:record:*', writes: [edge], reads: [edge] },
  // 8 days from the last write. Whoever writes there can only lift or exhaust budgets.
  { keys: 'tp:bytes:*', writes: [edge], reads: [edge] },
  // Unsigned, a minute: what operators are shown, and nothing else goes by it.
  { keys: 'tp:processes:edge', writes: [edge, controlPlane], reads: [edge, controlPlane] },
  {
    keys: inPool('tp:processes:data-plane', pool),
    writes: [dataPlane, controlPlane],
    reads: [dataPlane, controlPlane],
  },
  { keys: 'tp:processes:control-plane', writes: [controlPlane], reads: [controlPlane] },
  // The interval, from its last call.
  { keys: `${inPool('tp:rate', pool)}:*`, writes: [dataPlane], reads: [dataPlane] },
  { keys: 'tp:policy-rate:*', writes: [edge], reads: [edge] },
  // The longest of the calls, at most its deadline + 1 s.
  { keys: 'tp:policy-places:*', writes: [edge], reads: [edge] },
  // As told. Credentials are locked by the one and tokens by the other.
  { keys: `${inPool('tp:lock', pool)}:*`, writes: [dataPlane, controlPlane], reads: [dataPlane, controlPlane] },
];

export const channelRightsIn = (pool?: string): ChannelRights[] => [
  ...queuesOf(pool).flatMap(([queue, caller]): ChannelRights[] => [
    // A caller that cancels the call of another answers it instead of the worker.
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
