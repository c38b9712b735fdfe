import type { BusEvent } from './bus-event.ts';

/** How long a continuing refusal is not reported again. */
const TOLD_MS = 60_000;

/** Why Redis refuses: a code such as `NOPERM`, and the command if the error names it; nothing else of the message. */
type Refusal = { reason: string; command?: string };

export type Refusals = {
  /**
   * Returns whether the error is an answer of Redis rather than a failure of the connection. Reports each reason only
   * once in a while.
   */
  note(error: unknown): boolean;
};

/** A wrong password, a missing right or a full memory fails every attempt, so it is reported only once a minute. */
export function createRefusals(onEvent: (event: BusEvent) => void, now: () => number = Date.now): Refusals {
  const reportedAt = new Map<string, number>();
  return {
    note(error) {
      const refusal = readRefusal(error);
      if (refusal === undefined) return false;
      const { reason, command = '' } = refusal;
      const name = `${reason} ${command}`;
      if (now() - (reportedAt.get(name) ?? Number.NEGATIVE_INFINITY) >= TOLD_MS) {
        reportedAt.set(name, now());
        onEvent({ type: 'redis_refused', ...refusal });
      }
      return true;
    },
  };
}

/** Codes of Redis are words in capitals; in an error of a script they come after `ERR`. */
function readRefusal(error: unknown): Refusal | undefined {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return undefined;
  const words = error.message.match(/\b[A-Z]{3,20}\b/g) ?? [];
  const reason = words.find((word) => word !== 'ERR') ?? 'ERR';
  const { command } = error as { command?: { name?: unknown } };
  const name = typeof command?.name === 'string' && /^[a-z_]{1,30}$/.test(command.name) ? command.name : undefined;
  return { reason, ...(name === undefined ? {} : { command: name }) };
}
