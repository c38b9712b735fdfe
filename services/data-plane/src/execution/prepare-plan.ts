import {
  analyticsLimits,
  type Plan,
  type PlanAction,
  type PlanExternal,
  type PlanStep,
  type PlanWorkflow,
  type PlanWorkflowCall,
  planLimits,
} from '@toolplane/contracts';
import {
  compileCondition,
  compileTemplate,
  type EvaluateCondition,
  type EvaluateTemplate,
} from '@toolplane/expressions';
import { type CheckInputs, prepareInputs } from './check-inputs.ts';
import { type PreparedConnection, prepareConnection } from './connections/prepare-connection.ts';
import { type IsPromised, preparePromise } from './external/promised-output.ts';
import { findKeptMessages, type KeptMessages } from './kept-messages.ts';
import { type NamedTemplate, prepareNamed } from './named-template.ts';
import { type PreparedPagination, preparePagination } from './pages/prepare-pagination.ts';
import { type PreparedQuestion, prepareQuestion } from './prepare-question.ts';
import { type PreparedRequest, prepareRequest } from './requests/prepare-request.ts';
import { toNameInPath } from './visit.ts';

/**
 * A plan with its expressions compiled to functions. It is made once per digest, shared by all calls of the plan, and
 * never changed.
 */
export type PreparedPlan = {
  plan: Plan;
  /** The rounds of questions. */
  questions: PreparedQuestion[][];
  /** The workflow of the tool itself. */
  main: PreparedWorkflow;
  /** The workflows that steps can call, in the order of the indexes in the plan. */
  workflows: PreparedWorkflow[];
  /** True if no step of the tool can run twice, so that the position of a step shows how far a call has come. */
  hasKnownLength: boolean;
  requestsMax: number;
  connection: PreparedConnection | undefined;
  external: PreparedExternal | undefined;
  content: EvaluateTemplate | undefined;
  analytics: NamedTemplate[];
  /** Inferred from any mention of the name in the plan, so true may be wrong but false may not. */
  mayUseToken: boolean;
  mayUseConfig: boolean;
  isRequestSeen: boolean;
  /** If true, an output whose expression names nothing is absent instead of null. */
  leavesOutAbsent: boolean;
};

/** An external server, with the headers to send and a check of its results. */
export type PreparedExternal = { external: PlanExternal; headers: NamedTemplate[]; isPromised: IsPromised };

export type PreparedWorkflow = {
  /** Undefined for the tool itself; so is `index`. */
  id: string | undefined;
  index: number | undefined;
  checkInputs: CheckInputs;
  dependsOn: PreparedCall[];
  steps: PreparedStep[];
  outputs: NamedTemplate[];
};

export type PreparedCall = { workflowIndex: number; inputs: NamedTemplate[] };

export type PreparedStep = {
  id: string;
  /** The name of the step within the path of a visit. */
  nameInPath: string;
  index: number;
  /** A step has either a request or a call. */
  request: PreparedRequest | undefined;
  call: PreparedCall | undefined;
  secrets: string[];
  tokens: NonNullable<PlanStep['tokens']>;
  pagination: PreparedPagination | undefined;
  responseBytesMax: number | undefined;
  timeoutMs: number;
  outputs: NamedTemplate[];
  actions: PreparedAction[];
  failure:
    | { succeeds: EvaluateCondition; actions: PreparedAction[]; explanation: EvaluateTemplate | undefined }
    | undefined;
  dependsOn: number[];
  isParallel: boolean;
  keepsRequest: boolean;
  keepsResponse: boolean;
  readsBody: boolean;
};

export type PreparedAction = { matches: EvaluateCondition } & (
  | { do: 'next' | 'end' | 'fail' }
  | { do: 'goto'; stepIndex: number }
  | { do: 'transfer'; to: PreparedCall }
  | {
      do: 'retry';
      waitMs: number;
      retriesMax: number;
      retryAfterMsMax: number | undefined;
      first: { stepIndex: number } | PreparedCall | undefined;
    }
);

export function preparePlan(plan: Plan): PreparedPlan {
  const text = JSON.stringify(plan);
  const kept = findKeptMessages(plan);
  const hasKnownLength = plan.steps.every(leadsForward);
  return {
    plan,
    hasKnownLength,
    requestsMax: requestsMaxOf(plan, hasKnownLength),
    questions: plan.questions?.map((round) => round.map(prepareQuestion)) ?? [],
    main: { ...prepareWorkflow(plan, kept), id: undefined, index: undefined },
    workflows:
      plan.workflows?.map((workflow, index) => ({ ...prepareWorkflow(workflow, kept), id: workflow.id, index })) ?? [],
    connection: plan.connection === undefined ? undefined : prepareConnection(plan.connection),
    external: plan.external === undefined ? undefined : prepareExternal(plan.external),
    content: plan.content === undefined ? undefined : compileTemplate(plan.content),
    analytics: plan.analytics
      .filter(([name]) => name.length <= analyticsLimits.nameLengthMax)
      .slice(0, analyticsLimits.valuesMax)
      .map(prepareNamed),
    mayUseToken: text.includes('current_user'),
    mayUseConfig: text.includes('config'),
    isRequestSeen: kept.isRequestSeen,
    leavesOutAbsent: plan.semantics === 'arazzo',
  };
}

function prepareExternal(external: PlanExternal): PreparedExternal {
  return { external, headers: external.headers.map(prepareNamed), isPromised: preparePromise(external.target) };
}

function requestsMaxOf({ steps, workflows, stepsRunMax }: Plan, hasKnownLength: boolean): number {
  const isStraight = hasKnownLength && workflows === undefined;
  const stepsMax = isStraight ? steps.length : (stepsRunMax ?? planLimits.stepsRunMax);
  return Math.max(planLimits.requestsMax, 2 * stepsMax);
}

function leadsForward({ actions, failure }: PlanStep, index: number): boolean {
  return [...actions, ...(failure?.actions ?? [])].every((action) => {
    if (action.do === 'goto') return action.stepIndex > index;
    return action.do !== 'retry' && action.do !== 'transfer';
  });
}

function prepareWorkflow(
  { steps, outputs, dependsOn = [], ...rest }: Pick<PlanWorkflow, 'steps' | 'outputs' | 'dependsOn' | 'inputSchema'>,
  kept: KeptMessages,
): Omit<PreparedWorkflow, 'id' | 'index'> {
  return {
    checkInputs: prepareInputs(rest.inputSchema),
    dependsOn: dependsOn.map(prepareCall),
    steps: steps.map((step, index) => prepareStep(step, index, kept)),
    outputs: outputs.map(prepareNamed),
  };
}

function prepareStep(step: PlanStep, index: number, kept: KeptMessages): PreparedStep {
  const { id, request, call, pagination, failure } = step;
  return {
    id,
    nameInPath: toNameInPath(id),
    index,
    secrets: step.secrets,
    tokens: step.tokens ?? [],
    request: request === undefined ? undefined : prepareRequest(request),
    call: call === undefined ? undefined : prepareCall(call),
    pagination: pagination === undefined ? undefined : preparePagination(pagination),
    responseBytesMax: step.responseBytesMax,
    timeoutMs: step.timeoutMs ?? Number.POSITIVE_INFINITY,
    outputs: step.outputs.map(prepareNamed),
    actions: step.actions.map(prepareAction),
    failure: failure === undefined ? undefined : prepareFailure(failure),
    dependsOn: step.dependsOn ?? [],
    isParallel: step.isParallel === true,
    keepsRequest: kept.keepsRequest(id),
    keepsResponse: kept.keepsResponse(id),
    readsBody: kept.readsBody(step),
  };
}

function prepareFailure({ succeeds, actions, explanation }: NonNullable<PlanStep['failure']>) {
  return {
    succeeds: compileCondition(succeeds),
    actions: actions.map(prepareAction),
    explanation: explanation === undefined ? undefined : compileTemplate(explanation),
  };
}

function prepareAction(action: PlanAction): PreparedAction {
  const matches = action.when === undefined ? () => true : compileCondition(action.when);
  switch (action.do) {
    case 'retry': {
      const { waitMs, retriesMax, retryAfterMsMax, first } = action;
      const preparedFirst = first === undefined || 'stepIndex' in first ? first : prepareCall(first);
      return { do: action.do, matches, waitMs, retriesMax, retryAfterMsMax, first: preparedFirst };
    }
    case 'goto':
      return { do: action.do, matches, stepIndex: action.stepIndex };
    case 'transfer':
      return { do: action.do, matches, to: prepareCall(action.to) };
    default:
      return { do: action.do, matches };
  }
}

function prepareCall({ workflowIndex, inputs }: PlanWorkflowCall): PreparedCall {
  return { workflowIndex, inputs: inputs.map(prepareNamed) };
}
