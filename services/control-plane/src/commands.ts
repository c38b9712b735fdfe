import type { PooledCaller } from '@toolplane/bus';
import { AppError, type Command, externalLimits, type Json, sourceLimits } from '@toolplane/contracts';
import { toCarrier } from '@toolplane/service-kit';
import { endCommandSpan, startCommandSpan } from './command-spans.ts';

/** The tenant of a command, and the data planes that run it: those of the pool of its server. */
export type Destination = {
  /** Workspace, or organization. */
  tenant: string;
  /** Null: the default pool, also for commands that concern no server. */
  pool: string | null;
};

export type Commands = {
  /** The answer of the data plane. Rejects with its error, or with `config_unavailable` if there was no answer. */
  send(to: Destination, command: Command): Promise<Json>;
};

/** For commands that concern no server. */
export const toDefaultPool = (workspaceId: string): Destination => ({ tenant: workspaceId, pool: null });

export const toServerPool = ({ workspaceId, pool }: { workspaceId: string; pool: string | null }): Destination => {
  return { tenant: workspaceId, pool };
};

/** How long to wait for an answer; commands that are not listed wait as long as `others`. */
export type AnswerTimes = { others: number } & Partial<Record<Command['command'], number>>;

/** A running data plane has its own, shorter limits: these limits detect a data plane that is down. */
export const ANSWER_MS_MAX: AnswerTimes = {
  others: 5000,
  // A token may be in renewal, for which the data plane waits up to 12 s.
  store_credential: 17_000,
  delete_credential: 17_000,
  // The same, and then 10 s for the provider.
  finish_authorization: 27_000,
  // The server, its metadata and its authorization server, 10 s each at most.
  start_external_sign_in: 27_000,
  finish_external_sign_in: 27_000,
  // An issuer is asked for its metadata, then for a token and its keys: 5 s, 10 s, 5 s.
  start_single_sign_on: 8000,
  finish_single_sign_on: 18_000,
  // 15 s for the API that is tested.
  test_connection: 20_000,
  // 10 s until it is its turn, and 10 s for the run.
  replay_call: 23_000,
  // A little more than the limit in the data plane.
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
