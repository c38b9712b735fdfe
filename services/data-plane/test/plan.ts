import {
  type HttpMethod,
  type InputRequest,
  type Json,
  type Plan,
  type PlanStep,
  planLimits,
  planSchema,
  type Template,
} from '@toolplane/contracts';
import { parseCondition, parseTemplate, parseUrlTemplate } from '@toolplane/expressions';

type Named = Record<string, Json>;

type StepText = {
  id?: string;
  method?: HttpMethod;
  url: string;
  headers?: Named;
  query?: Named;
  body?: Json;
  secrets?: string[];
  timeoutMs?: number;
  outputs?: Named;
  actions?: ActionText[];
};

type ActionText = { when?: string } & (
  | { do: 'next' | 'end' }
  | { do: 'retry'; waitMs?: number; retriesMax?: number }
  | { do: 'goto'; stepIndex: number }
);

/** A plan from texts, as the compiler would make it, so that tests read like documents. */
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

/** Rounds of questions. */
export function questionsOf(
  ...rounds: Record<string, InputRequest & { isOptional?: boolean }>[]
): Required<Pick<Plan, 'questions'>> {
  const questions = rounds.map((round) =>
    Object.entries(round).map(([key, { method, params, isOptional = false }]) => {
      return { ...{ key, method, isOptional }, params: templateOf(params) };
    }),
  );
  return { questions };
}

export function templateOf(value: Json): Template {
  return parseTemplate(value).template;
}

function stepOf(step: StepText, index: number): PlanStep {
  return {
    id: step.id ?? `step${index}`,
    request: {
      method: step.method ?? 'GET',
      url: parseUrlTemplate(step.url).url,
      headers: namedOf(step.headers ?? {}),
      query: namedOf(step.query ?? {}),
      ...(step.body === undefined ? {} : { body: templateOf(step.body) }),
    },
    secrets: step.secrets ?? [],
    ...(step.timeoutMs === undefined ? {} : { timeoutMs: step.timeoutMs }),
    outputs: namedOf(step.outputs ?? {}),
    actions: (step.actions ?? []).map(actionOf),
  };
}

function namedOf(values: Named): Plan['outputs'] {
  return Object.entries(values).map(([name, value]) => [name, templateOf(value)]);
}

function actionOf({ when, ...action }: ActionText): PlanStep['actions'][number] {
  const condition = when === undefined ? {} : { when: parseCondition(when).condition };
  if (action.do !== 'retry') return { ...action, ...condition };
  return { waitMs: 0, retriesMax: 5, ...action, ...condition };
}
