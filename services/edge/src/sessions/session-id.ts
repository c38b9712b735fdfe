import { randomBytes } from 'node:crypto';
import { type Ability, abilitySchema } from '@toolplane/contracts';
import type { CallCipher } from '@toolplane/sealing';
import { z } from 'zod';
import { type ClientName, readClientName } from '../protocol/client-name.ts';

/*
 * A legacy session consists only of its id, which is sealed, bound to server and principal, and readable by every edge.
 * So a client that never returns costs nothing, and an edge that has never seen a client recognises its session. A
 * session does not authenticate: each request also contains its credentials.
 */

export const SESSION_MS_MAX = 7 * 24 * 3600 * 1000;

/** Longer ids are rejected without being deciphered. */
const ID_LENGTH_MAX = 1024;

const contentSchema = z.strictObject({
  /** The protocol version. */
  p: z.string(),
  /** The abilities of the client. */
  a: z.array(abilitySchema),
  /** The start time in Unix seconds. */
  t: z.int(),
  /**
   * A random text, so that no two sessions are the same. After a space, it also contains the client's name for itself
   * as JSON, because older releases accept no members but these.
   */
  r: z.string(),
  transport: z.enum(['http', 'sse']),
});

export type McpSession = {
  readonly id: string;
  readonly protocolVersion: string;
  readonly abilities: ReadonlySet<Ability>;
  readonly startedAt: number;
  readonly transport: 'http' | 'sse';
  /** The client's name for itself, if it was known when the id was created. */
  readonly client?: ClientName | undefined;
};

/** The owner of a session. */
export type SessionOwner = { serverId: string; principalId: string };

export function createSessionId(
  cipher: CallCipher,
  owner: SessionOwner,
  session: Pick<McpSession, 'protocolVersion' | 'transport'> & {
    abilities: readonly Ability[];
    client?: ClientName | undefined;
  },
): string {
  const content: z.infer<typeof contentSchema> = {
    p: session.protocolVersion,
    a: [...session.abilities],
    t: Math.floor(Date.now() / 1000),
    r:
      randomBytes(12).toString('base64url') +
      (session.client === undefined ? '' : ` ${JSON.stringify(session.client)}`),
    transport: session.transport,
  };
  return cipher.seal(bindingOf(owner), JSON.stringify(content));
}

/** Returns undefined for an id of another owner, an id that these edges did not create, and one that is too old. */
export function readSessionId(cipher: CallCipher, owner: SessionOwner, id: string): McpSession | undefined {
  if (id.length > ID_LENGTH_MAX) return undefined;
  try {
    const { p, a, t, r, transport } = contentSchema.parse(JSON.parse(cipher.open(bindingOf(owner), id)));
    const session = {
      id,
      protocolVersion: p,
      abilities: new Set(a),
      startedAt: t * 1000,
      transport,
      client: clientOf(r),
    };
    return isTooOld(session) ? undefined : session;
  } catch {
    return undefined;
  }
}

function clientOf(random: string): ClientName | undefined {
  const at = random.indexOf(' ');
  return at < 0 ? undefined : readClientName(JSON.parse(random.slice(at + 1)));
}

export function isTooOld({ startedAt }: Pick<McpSession, 'startedAt'>): boolean {
  return startedAt + SESSION_MS_MAX < Date.now();
}

function bindingOf({ serverId, principalId }: SessionOwner) {
  return { purpose: 'session-id', party: 'edge', aad: JSON.stringify([serverId, principalId]) } as const;
}
