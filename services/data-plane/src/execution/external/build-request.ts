import { CLIENT_CAPABILITIES_META_KEY } from '@modelcontextprotocol/client';
import type { PlanExternal } from '@toolplane/contracts';
import { capabilitiesFor, type JsonObject } from '@toolplane/contracts';
import type { ExternalRequest } from '../../external-mcp/external-request.ts';
import type { Run } from '../run.ts';
import { abilitiesOf } from './answer-question.ts';
import { toParameterHeaders } from './parameter-headers.ts';
import { cleanAnswers, readQuestionState } from './question-state.ts';

/**
 * Builds the request to the external server: the inputs of the call as its arguments and, for a modern server, the
 * answers to its questions. Nothing in it identifies the caller.
 */
export function buildRequest(
  run: Run,
  era: 'modern' | 'legacy',
  state: string | undefined,
): Pick<ExternalRequest, 'method' | 'params' | 'headers'> {
  const { call } = run;
  const { plan } = run.prepared;
  const { method, params } = toParams(plan.external?.target ?? { kind: 'resource' }, call.arguments);
  if (era === 'legacy') return { method, params };
  const { requestState, asked } = readQuestionState(state);
  const given = call.inputResponses;
  const inputResponses = given === undefined || asked === undefined ? given : cleanAnswers(asked, given);
  return {
    method,
    headers: plan.external === undefined ? {} : toParameterHeaders(plan.external.target, call.arguments),
    params: {
      ...params,
      ...(inputResponses === undefined ? {} : { inputResponses }),
      ...(requestState === undefined ? {} : { requestState }),
      _meta: { [CLIENT_CAPABILITIES_META_KEY]: capabilitiesFor(abilitiesOf(run)) },
    },
  };
}

type Target = NonNullable<Run['prepared']['plan']['external']>['target'];

function toParams(target: Target, inputs: JsonObject): { method: string; params: JsonObject } {
  switch (target.kind) {
    case 'tool':
      return { method: 'tools/call', params: { name: target.name, arguments: inputs } };
    case 'prompt':
      return { method: 'prompts/get', params: { name: target.name, arguments: inputs } };
    case 'resource':
      return { method: 'resources/read', params: { uri: target.uri ?? inputs['uri'] ?? null } };
    case 'completion': {
      const { argument = null, context } = inputs;
      const given = context === undefined ? {} : { context };
      return { method: 'completion/complete', params: { ref: target.ref, argument, ...given } };
    }
  }
}

/** Returns the URL of the external server for this call. */
export function urlOf({ call: { environment } }: Run, { url }: Pick<PlanExternal, 'url'>): string {
  return environment === undefined ? url : environment.move(new URL(url)).href;
}
