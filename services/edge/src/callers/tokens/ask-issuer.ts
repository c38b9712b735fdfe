import type { PooledCaller } from '@toolplane/bus';
import { AppError, type FinalOutcome, type Json, type Manifest, type ToolCall } from '@toolplane/contracts';

/** A request to a server's own issuer: the plan of the manifest that makes it. */
export type IssuerQuestion = { tool: string; planDigest: string; deadlineMs: number; token?: string };

/** Sends the request through the data plane, because nothing else may open a connection to a customer's host. */
export type AskIssuer = (
  manifest: Pick<Manifest, 'organizationId' | 'workspaceId' | 'serverId' | 'pool'>,
  question: IssuerQuestion,
) => Promise<FinalOutcome>;

export function createAskIssuer(calls: Pick<PooledCaller, 'call'>): AskIssuer {
  return async ({ organizationId, workspaceId, serverId, pool }, { tool, planDigest, deadlineMs, token }) => {
    const body: ToolCall = {
      version: 1,
      workspaceId,
      serverId,
      tool,
      planDigest,
      arguments: {},
      caller: { config: {}, ...(token === undefined ? {} : { token }) },
    };
    const deadline = Date.now() + deadlineMs;
    const outcome = await calls.call({
      tenant: workspaceId,
      organization: organizationId,
      body: body as Json,
      deadline,
      pool,
    });
    if (outcome.outcome !== 'input_required') return outcome;
    throw new AppError('incompatible', 'The data plane asked a question where it may ask none');
  };
}
