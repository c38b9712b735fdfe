import {
  type HttpMethod,
  type InputRequest,
  type Json,
  type JsonObject,
  type Plan,
  type PlanAction,
  type PlanRequest,
  type PlanStep,
  type PlanWorkflow,
  type PlanWorkflowCall,
  planLimits,
  planSchema,
  type Template,
} from '@toolplane/contracts';
import { parseCondition, parseTemplate, parseUrlTemplate } from '@toolplane/expressions';

type Named = Record<string, Json>;

type StepText = Partial<Pick<PlanStep, 'dependsOn' | 'isParallel'>> & {
  id?: string;
  method?: HttpMethod;
  /** Set for a step that sends a request; otherwise, `call` is set. */
  url?: string;
  call?: CallText;
  headers?: Named;
  query?: Named;
  body?: Json;
  idempotencyKey?: { header: string };
  isIdempotent?: true;
  secrets?: string[];
  timeoutMs?: number;
  outputs?: Named;
  actions?: ActionText[];
  /** The condition for success, and the actions if it does not hold. */
  failure?: { succeeds: string; actions: ActionText[] };
};

type CallText = { workflowIndex: number; inputs?: Named };

export type ActionText = { when?: string } & (
  | { do: 'next' | 'end' | 'fail' }
  | {
      do: 'retry';
      waitMs?: number;
      retriesMax?: number;
      retryAfterMsMax?: number;
      first?: { stepIndex: number } | CallText;
    }
  | { do: 'goto'; stepIndex: number }
  | { do: 'transfer'; to: CallText }
);

/** Builds a plan from texts, as the compiler would, so that tests read like documents. */
export function planOf(
  steps: StepText[],
  outputs: Named = {},
  rest: Partial<Omit<Plan, 'steps' | 'outputs'>> = {},
): Plan {
  return planSchema.parse({
    version: 1,
    workspaceId: 'ws',
    serverId: 'srv',
    tool: 'tool',
    allowedHosts: [],
    deadlineMs: planLimits.deadlineMsDefault,
    outputBytesMax: planLimits.outputBytesMax,
    steps: steps.map(stepOf),
    outputs: namedOf(outputs),
    analytics: [],
    ...rest,
  } satisfies Plan);
}

/** Builds rounds of questions. */
export function questionsOf(
  ...rounds: Record<string, InputRequest & { isOptional?: boolean }>[]
): Required<Pick<Plan, 'questions'>> {
  const questions = rounds.map((round) =>
    Object.entries(round).map(([key, { method, params, isOptional = false }]) => {
      return { key, method, isOptional, params: templateOf(params) };
    }),
  );
  return { questions };
}

export function templateOf(value: Json): Template {
  return parseTemplate(value).template;
}

/** Builds a workflow that steps of a plan call. */
export function workflowOf(
  id: string,
  steps: StepText[],
  outputs: Named = {},
  { dependsOn, inputSchema }: { dependsOn?: CallText[]; inputSchema?: JsonObject } = {},
): PlanWorkflow {
  return {
    id,
    steps: steps.map(stepOf),
    outputs: namedOf(outputs),
    ...(dependsOn === undefined ? {} : { dependsOn: dependsOn.map(callOf) }),
    ...(inputSchema === undefined ? {} : { inputSchema }),
  };
}

export function callOf({ workflowIndex, inputs = {} }: CallText): PlanWorkflowCall {
  return { workflowIndex, inputs: namedOf(inputs) };
}

function stepOf(step: StepText, index: number): PlanStep {
  const { url, call, failure, dependsOn, isParallel } = step;
  return {
    id: step.id ?? `step${index}`,
    ...(url === undefined ? {} : { request: requestOf(step, url) }),
    ...(call === undefined ? {} : { call: callOf(call) }),
    secrets: step.secrets ?? [],
    ...(step.timeoutMs === undefined ? {} : { timeoutMs: step.timeoutMs }),
    outputs: namedOf(step.outputs ?? {}),
    actions: (step.actions ?? []).map(actionOf),
    ...(failure === undefined
      ? {}
      : {
          failure: {
            succeeds: parseCondition(failure.succeeds).condition,
            actions: failure.actions.map(actionOf),
          },
        }),
    ...(dependsOn === undefined ? {} : { dependsOn }),
    ...(isParallel === undefined ? {} : { isParallel }),
  };
}

function requestOf(
  { method = 'GET', headers = {}, query = {}, body, idempotencyKey, isIdempotent }: StepText,
  url: string,
): PlanRequest {
  return {
    method,
    url: parseUrlTemplate(url).url,
    headers: namedOf(headers),
    query: namedOf(query),
    ...(body === undefined ? {} : { body: templateOf(body) }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    ...(isIdempotent === undefined ? {} : { isIdempotent }),
  };
}

function namedOf(values: Named): Plan['outputs'] {
  return Object.entries(values).map(([name, value]) => [name, templateOf(value)]);
}

function actionOf({ when, ...action }: ActionText): PlanAction {
  const condition = when === undefined ? {} : { when: parseCondition(when).condition };
  if (action.do === 'transfer') return { do: action.do, ...condition, to: callOf(action.to) };
  if (action.do !== 'retry') return { ...action, ...condition };
  const { first, ...retry } = action;
  const before = first === undefined || 'stepIndex' in first ? first : callOf(first);
  return { waitMs: 0, retriesMax: 5, ...retry, ...condition, ...(before === undefined ? {} : { first: before }) };
}
