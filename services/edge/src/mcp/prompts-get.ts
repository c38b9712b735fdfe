import { requireScopes } from '../callers/scopes.ts';
import { toRpcError } from '../calls/outcome-error.ts';
import { invalidParams } from '../protocol/mcp-error.ts';
import { openRequestGate } from '../questions/open-request-gate.ts';
import { runWithQuestions } from '../questions/run-with-questions.ts';
import type { HandleMethod } from './handle.ts';

/** `prompts/get`: the plan of the prompt returns its messages. */
export const getPrompt: HandleMethod = async (request, edge) => {
  const { name } = request.params;
  const hosted = typeof name === 'string' ? request.server.prompts.get(name) : undefined;
  if (hosted === undefined) throw invalidParams('Unknown prompt');
  requireScopes(request.principal, hosted.prompt);
  const { target, checks } = hosted;
  const gate = openRequestGate(edge, request, { target, checks });
  const asking = { request, target, callArguments: request.params['arguments'], gate };
  const answer = await runWithQuestions(edge, asking);
  if ('inputRequired' in answer) return answer.inputRequired;
  if (!answer.outcome.ok) throw toRpcError(answer.outcome, answer.traceId);
  const { description } = hosted.prompt;
  const shown = description === undefined ? '' : `"description":${JSON.stringify(description)},`;
  return { members: `${shown}"messages":${JSON.stringify(answer.outcome.content ?? [])}` };
};
