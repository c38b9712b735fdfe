import type { Caller } from '@toolplane/bus';
import { AppError, type Command, type Json } from '@toolplane/contracts';

export type Commands = {
  /** What the data plane answers. Rejects with its error, or with `config_unavailable` when none came. */
  send(tenant: string, command: Command, answerMsMax?: number): Promise<Json>;
};

/** People wait for the answers, so `answerMsMax` says how soon a data plane that is away must show. */
export function createCommands(caller: Caller, { answerMsMax }: { answerMsMax: number }): Commands {
  return {
    async send(tenant, command, msMax = answerMsMax) {
      const outcome = await caller.call({ tenant, body: command as Json, deadline: Date.now() + msMax });
      if (outcome.outcome === 'input_required') throw new AppError('internal', 'A command asks for no input');
      if (outcome.ok) return outcome.value;
      const { code, message } = outcome.error;
      if (outcome.outcome === 'done') throw new AppError(code, message);
      throw new AppError('config_unavailable', `The data plane did not answer (${code})`);
    },
  };
}
