/*
 * What runs do while somebody debugs, on its way from the data planes to the control plane: a stream in Redis for each
 * session. An event is sealed with the keys of commands, which edges do not have, and for its session alone. The
 * control plane creates the stream, and nobody writes where there is none: after the end of a session nothing is left
 * behind.
 *
 * The id of an entry is the time at which the stream was made and a count, so a reader knows how many it has missed.
 */
import { type DebugEvent, debugEventSchema } from '@toolplane/contracts';
import { type CallKeys, createCallCipher, type EnvelopeBinding } from '@toolplane/sealing';
import { keys as redisKeys } from '../keys.ts';

export type DebugEvents = {
  seal(sessionId: string, event: DebugEvent): string;
  /** Undefined for anything that was not written here with the keys. */
  open(sessionId: string, sealed: string): DebugEvent | undefined;
};

export function createDebugEvents(keys: CallKeys): DebugEvents {
  const cipher = createCallCipher(keys);
  const bindingOf = (sessionId: string): EnvelopeBinding => {
    return { purpose: 'debug-event', party: sessionId, aad: redisKeys.debug(sessionId) };
  };
  return {
    seal: (sessionId, event) => cipher.seal(bindingOf(sessionId), JSON.stringify(event)),
    open(sessionId, sealed) {
      try {
        return debugEventSchema.parse(JSON.parse(cipher.open(bindingOf(sessionId), sealed)));
      } catch {
        return undefined;
      }
    },
  };
}
