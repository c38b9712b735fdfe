import {
  definedOnly,
  type Plan,
  type PlanAction,
  type PlanQuestion,
  type PlanStep,
  planLimits,
} from '@toolplane/contracts';
import type { Action, Expression, Procedure, Question, Step } from '../model.ts';
import { requestReferences } from '../request-references.ts';

export type PlanOwner = { workspaceId: string; serverId: string; allowedHosts: readonly string[] };

/** The procedure must not have errors. `tool` is its name among all plans of the server. */
export function toPlan(tool: string, procedure: Procedure, owner: PlanOwner): Plan {
  const { workspaceId, serverId, allowedHosts } = owner;
  const { rounds, steps, outputs, content, analytics, deadlineMs } = procedure;
  return {
    version: 1,
    workspaceId,
    serverId,
    tool,
    allowedHosts: [...allowedHosts],
    deadlineMs,
    outputBytesMax: planLimits.outputBytesMax,
    ...(rounds.length === 0 ? {} : { questions: rounds.map((round) => round.map(toQuestion)) }),
    steps: steps.map((step) => toPlanStep(step, steps)),
    outputs: toEntries(outputs),
    ...(content === undefined ? {} : { content: content.template }),
    analytics: toEntries(analytics),
  };
}

function toQuestion({ key, method, params, url, isOptional }: Question): PlanQuestion {
  return { key, method, params: params.template, ...(url === undefined ? {} : { url: url.template }), isOptional };
}

function toPlanStep(step: Step, steps: Step[]): PlanStep {
  const { method, url, headers, query, body, idempotencyKey, isIdempotent } = step.request;
  return {
    id: step.id,
    request: {
      method,
      url: url.template,
      headers: toEntries(headers),
      query: toEntries(query),
      ...definedOnly({ body: body?.template, idempotencyKey, isIdempotent }),
    },
    secrets: secretsOf(step),
    ...(step.timeoutMs === undefined ? {} : { timeoutMs: step.timeoutMs }),
    outputs: toEntries(step.outputs),
    actions: step.actions.map((action) => toPlanAction(action, steps)),
  };
}

function toEntries(expressions: Expression[]): [string, Expression['template']][] {
  return expressions.map(({ name, template }) => [name, template]);
}

function secretsOf(step: Step): string[] {
  const secrets = requestReferences(step).filter(({ path }) => path[0] === 'secrets');
  return [...new Set(secrets.map(({ path }) => path[1] ?? ''))];
}

function toPlanAction(action: Action, steps: Step[]): PlanAction {
  const when = action.when === undefined ? {} : { when: action.when.condition };
  switch (action.do) {
    case 'retry':
      return { do: 'retry', ...when, waitMs: action.waitMs, retriesMax: action.retriesMax };
    case 'goto':
      return { do: 'goto', ...when, stepIndex: steps.findIndex(({ id }) => id === action.step) };
    default:
      return { do: action.do, ...when };
  }
}
