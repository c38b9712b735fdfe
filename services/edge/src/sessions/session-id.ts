import { randomBytes } from 'node:crypto';
import { type Ability, abilitySchema } from '@toolplane/contracts';
import type { CallCipher } from '@toolplane/sealing';
import { z } from 'zod';
import { type ClientName, readClientName } from '../protocol/client-name.ts';

/*
 * A legacy session is its id: sealed, bound to server and principal, readable by every edge. So a client that never
 * comes back costs nothing, and a replica that never saw a client recognises it. A session does not authenticate: each
 * request also carries its credentials.
 */

export const SESSION_MS_MAX = 7 * 24 * 3600 * 1000;

/** Longer ids are not worth deciphering. */
const ID_LENGTH_MAX = 1024;

const contentSchema = z.strictObject({
  /** Protocol version. */
  p: z.string(),
  /** Abilities. */
  a: z.array(abilitySchema),
  /** Start, Unix seconds. */
  t: z.int(),
  /**
   * Random, so that no two sessions are the same. After a space, as JSON, follows the name that the client gives
   * itself: older releases accept no members but these.
   */
  r: z.string(),
  transport: z.enum(['http', 'sse']),
});

export type Session = {
  readonly id: string;
  readonly protocolVersion: string;
  readonly abilities: ReadonlySet<Ability>;
  readonly startedAt: number;
  readonly transport: 'http' | 'sse';
  /** The name that it gave itself, if that was known when the id was made. */
  readonly client?: ClientName | undefined;
};

/** The owner of a session. */
export type SessionOwner = { serverId: string; principalId: string };

export function createSessionId(
  cipher: CallCipher,
  owner: SessionOwner,
  session: Pick<Session, 'protocolVersion' | 'transport'> & {
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

/** Undefined for an id of another owner, one that these edges did not make, and one that is too old. */
export function readSessionId(cipher: CallCipher, owner: SessionOwner, id: string): Session | undefined {
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

export function isTooOld({ startedAt }: Pick<Session, 'startedAt'>): boolean {
  return startedAt + SESSION_MS_MAX < Date.now();
}

function bindingOf({ serverId, principalId }: SessionOwner) {
  return { purpose: 'session-id', party: 'edge', aad: JSON.stringify([serverId, principalId]) } as const;
}
