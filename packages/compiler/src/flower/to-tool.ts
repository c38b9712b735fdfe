import {
  type Plan,
  type PlanAction,
  type PlanStep,
  planLimits,
  type Tool,
  type ToolAnnotations,
} from '@toolplane/contracts';
import type { Action, Expression, Flow, Step } from './model.ts';
import { requestReferences } from './request-references.ts';

export type CompiledTool = { tool: Omit<Tool, 'planDigest'>; plan: Plan };

export type PlanOwner = { workspaceId: string; serverId: string; allowedHosts: readonly string[] };

/** Only for a flow without errors. */
export function toTool(flow: Flow, { workspaceId, serverId, allowedHosts }: PlanOwner): CompiledTool {
  const { id, description, inputs } = flow;
  const deadlineMs = planLimits.deadlineMsDefault;
  return {
    tool: {
      name: id,
      ...(description === undefined ? {} : { description }),
      inputSchema: inputs ?? { type: 'object' },
      annotations: { ...toAnnotations(flow), ...flow.annotations },
      deadlineMs,
      isRepeatable: usesOnly(flow, ['GET', 'HEAD', 'PUT', 'DELETE']),
    },
    plan: {
      version: 1,
      workspaceId,
      serverId,
      tool: id,
      allowedHosts: [...allowedHosts],
      deadlineMs,
      outputBytesMax: planLimits.outputBytesMax,
      steps: flow.steps.map((step) => toPlanStep(step, flow.steps)),
      outputs: toEntries(flow.outputs),
      analytics: toEntries(flow.analytics),
    },
  };
}

/** Hints about what the methods promise; a document knows better and can override each. */
function toAnnotations(flow: Flow): ToolAnnotations {
  return {
    readOnlyHint: usesOnly(flow, ['GET', 'HEAD']),
    destructiveHint: flow.steps.some(({ request }) => request.method === 'DELETE'),
    idempotentHint: usesOnly(flow, ['GET', 'HEAD', 'PUT', 'DELETE']),
    openWorldHint: true,
  };
}

function usesOnly({ steps }: Flow, methods: string[]): boolean {
  return steps.every(({ request }) => methods.includes(request.method));
}

function toPlanStep(step: Step, steps: Step[]): PlanStep {
  const { method, url, headers, query, body } = step.request;
  return {
    id: step.id,
    request: {
      method,
      url: url.template,
      headers: toEntries(headers),
      query: toEntries(query),
      ...(body === undefined ? {} : { body: body.template }),
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
