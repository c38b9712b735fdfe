/*
 * What runs do during a debug session, on its way from the data planes to the control plane: one stream in Redis for
 * each session. An event is sealed with the keys of commands, which edges do not have, and for its session alone. The
 * control plane creates the stream, and nobody writes to one that does not exist: nothing is left behind after a
 * session.
 *
 * The id of an entry consists of the time at which the stream was created and a count, so a reader knows how many it
 * has missed.
 */
import { type DebugEvent, debugEventSchema } from '@toolplane/contracts';
import { type CallKeys, createCallCipher, type EnvelopeBinding } from '@toolplane/sealing';
import { keys as redisKeys } from '../keys.ts';

export type DebugEvents = {
  seal(sessionId: string, event: DebugEvent): string;
  /** Returns undefined for anything that was not sealed for this session with these keys. */
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
