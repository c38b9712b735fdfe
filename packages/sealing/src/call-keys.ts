import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { AppError } from '@toolplane/contracts';

const KEY_BYTES = 32;
const DERIVED_KEYS_MAX = 1024;

/** Messages between edge and data plane. */
type CallPurpose = 'call' | 'reply' | 'event' | 'answer';
/** Data that edges share, sealed with keys that the data plane does not have. */
type EdgePurpose =
  | 'approval-request'
  | 'session-id'
  | 'smart-session'
  | 'request-state'
  | 'session'
  | 'broadcast'
  | 'delivery'
  | 'stream'
  | 'record';
/** Data that data planes share: sign-ins and links, with keys that only they have, and names of what is counted. */
type DataPlanePurpose = 'sign-in' | 'connect-link' | 'rate-window';
/**
 * Reports of the data plane to the control plane: which secrets it has used, and the name under which each report is
 * stored.
 */
type SecretUsePurpose = 'secret-use' | 'secret-use-name';
/**
 * Reports of edges to the control plane: which keys and agents made calls, and the name under which each report is
 * stored.
 */
type SeenCallerPurpose = 'seen-caller' | 'seen-caller-name';
/**
 * Reports of edges to the control plane: on whose behalf calls were made, and the name under which each report is
 * stored.
 */
type SeenUserPurpose = 'seen-user' | 'seen-user-name';
/** Reports of edges to the control plane: which calls were refused, and the name under which each report is stored. */
type DecisionPurpose = 'decision' | 'decision-name';
/**
 * Reports of edges to the control plane: which calls wait for approval, and the name under which each report is stored.
 */
type ApprovalPurpose = 'approval-request' | 'approval-request-name';
/** Data about people that the control plane stores in its database. */
type PeoplePurpose = 'second-factor';
/** Reports of edges to the control plane: calls that have ended. */
type CallLogPurpose = 'call-log';
/** Reports of the data plane to the control plane on debugged runs, session by session. */
type DebugPurpose = 'debug-event';
export type EnvelopePurpose =
  | CallPurpose
  | EdgePurpose
  | DataPlanePurpose
  | SecretUsePurpose
  | SeenCallerPurpose
  | SeenUserPurpose
  | DecisionPurpose
  | ApprovalPurpose
  | PeoplePurpose
  | CallLogPurpose
  | DebugPurpose;

/** The master keys that edge and data plane share. The first one seals and all of them open, so keys can be rotated. */
export type CallKeys = {
  readonly sealingKid: string;
  /** The key for one purpose and one edge process; undefined for an unknown `kid`. */
  derive(kid: string, purpose: EnvelopePurpose, party: string): KeyObject | undefined;
};

/** Reads `kid:base64(32 bytes)[,kid2:base64(32 bytes)]`. No message quotes a key. */
export function parseCallKeys(text: string): CallKeys {
  const masters = new Map<string, KeyObject>();
  for (const [index, entry] of text.split(',').entries()) {
    const match = /^([A-Za-z0-9_-]{1,64}):([A-Za-z0-9+/]{43}=)$/.exec(entry.trim());
    const [, kid, base64] = match ?? [];
    if (kid === undefined || base64 === undefined || masters.has(kid)) {
      throw new AppError('internal', `Call keys: entry ${index + 1} is not "kid:base64 of 32 bytes" with a unique kid`);
    }
    masters.set(kid, createSecretKey(base64, 'base64'));
  }
  const [sealingKid = ''] = masters.keys();
  return { sealingKid, derive: createDerivation(masters) };
}

/**
 * One derived key per purpose and edge process keeps the random 96-bit nonces of each key far below 2^32 uses. Deriving
 * a key costs more than sealing a call, so the most recently used keys are kept.
 */
function createDerivation(masters: ReadonlyMap<string, KeyObject>): CallKeys['derive'] {
  const derived = new Map<string, KeyObject>();
  return (kid, purpose, party) => {
    const name = `${kid} ${purpose} ${party}`;
    const known = derived.get(name);
    if (known !== undefined) {
      // Moves the key to the end of the queue: many keys are used once, a few for everything.
      derived.delete(name);
      derived.set(name, known);
      return known;
    }
    const master = masters.get(kid);
    if (master === undefined) return undefined;
    const key = createSecretKey(Buffer.from(hkdfSync('sha256', master, party, purpose, KEY_BYTES)));
    if (derived.size >= DERIVED_KEYS_MAX) derived.delete(derived.keys().next().value ?? '');
    derived.set(name, key);
    return key;
  };
}
