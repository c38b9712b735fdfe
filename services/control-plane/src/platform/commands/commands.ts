import type { PooledCaller } from '@toolplane/bus';
import { AppError, type Command, externalLimits, type Json, sourceLimits } from '@toolplane/contracts';
import { toCarrier } from '@toolplane/service-kit';
import { endCommandSpan, startCommandSpan } from './command-spans.ts';

/** The tenant of a command, and the data planes that run it: those of the pool of its server. */
export type Destination = {
  /** The id of the workspace or organization. */
  tenant: string;
  /** Null for the default pool, which also runs commands that do not concern a server. */
  pool: string | null;
};

export type Commands = {
  /**
   * Returns the answer of the data plane. Rejects with the error of the data plane, or with `config_unavailable` if
   * there was no answer.
   */
  send(to: Destination, command: Command): Promise<Json>;
};

/** The destination of commands that do not concern a server. */
export const toDefaultPool = (workspaceId: string): Destination => ({ tenant: workspaceId, pool: null });

export const toServerPool = ({ workspaceId, pool }: { workspaceId: string; pool: string | null }): Destination => {
  return { tenant: workspaceId, pool };
};

/** How long to wait for an answer to each command; `others` applies to commands that are not listed. */
export type AnswerTimes = { others: number } & Partial<Record<Command['command'], number>>;

/** The data plane has its own, shorter limits: these limits detect a data plane that is down. */
export const ANSWER_MS_MAX: AnswerTimes = {
  others: 5000,
  // The data plane waits up to 12 s for a token that is being renewed.
  store_credential: 17_000,
  delete_credential: 17_000,
  // As above, plus 10 s for the provider.
  finish_authorization: 27_000,
  // The external server, its metadata and its authorization server are requested, each for at most 10 s.
  start_external_sign_in: 27_000,
  finish_external_sign_in: 27_000,
  // An issuer has 5 s to return its metadata, then 10 s for a token and 5 s for its keys.
  start_single_sign_on: 8000,
  finish_single_sign_on: 18_000,
  // The tested API has 15 s to answer.
  test_connection: 20_000,
  // The run waits in the queue for up to 10 s, and then takes up to 10 s.
  replay_call: 23_000,
  // A little more than the limits in the data plane.
  inspect_external_server: externalLimits.inspectMsMax + 3000,
  fetch_document: sourceLimits.waitMsMax + sourceLimits.fetchMsMax + 3000,
};

export function createCommands(caller: Pick<PooledCaller, 'call'>, answerMsMax: AnswerTimes): Commands {
  return {
    async send({ tenant, pool }, command) {
      const deadline = Date.now() + (answerMsMax[command.command] ?? answerMsMax.others);
      const span = startCommandSpan(command);
      const body = { ...command, ...toCarrier(span) } as Json;
      const outcome = await caller.call({ tenant, pool: pool ?? undefined, body, deadline });
      endCommandSpan(span, outcome);
      if (outcome.outcome === 'input_required') throw new AppError('internal', 'A command must not ask for input');
      if (outcome.ok) return outcome.value;
      const { code, message, details } = outcome.error;
      if (outcome.outcome === 'done') throw new AppError(code, message, { details });
      throw new AppError('config_unavailable', `The data plane did not answer (${code})`);
    },
  };
}
