import type { HttpMethod, Plan, PlanAction, PlanRequest, PlanStep } from '@toolplane/contracts';
import {
  compileCondition,
  compileTemplate,
  compileUrl,
  type EvaluateCondition,
  type EvaluateTemplate,
  type EvaluateUrl,
} from '@toolplane/expressions';
import { findKeptMessages, type KeptMessages } from './kept-messages.ts';
import { type PreparedQuestion, prepareQuestion } from './prepare-question.ts';

/** A plan whose expressions are functions: made once per digest, shared by all its calls, never changed. */
export type PreparedPlan = {
  plan: Plan;
  /** Rounds. */
  questions: PreparedQuestion[][];
  steps: PreparedStep[];
  /** No step is run twice, so a step's place in the plan says how far a call has come. */
  hasKnownLength: boolean;
  outputs: NamedTemplate[];
  content: EvaluateTemplate | undefined;
  /** Guessed from any mention, so true may be wrong and false may not. */
  mayUseToken: boolean;
  mayUseConfig: boolean;
  isRequestSeen: boolean;
};

export type NamedTemplate = [name: string, evaluate: EvaluateTemplate];

export type PreparedStep = {
  id: string;
  request: PreparedRequest;
  secrets: string[];
  timeoutMs: number;
  outputs: NamedTemplate[];
  actions: PreparedAction[];
  keepsRequest: boolean;
  keepsResponse: boolean;
};

export type PreparedRequest = {
  method: HttpMethod;
  url: EvaluateUrl;
  /** The values of a call decide about the host, so it must be one of those the server allows. */
  isHostComputed: boolean;
  headers: NamedTemplate[];
  query: NamedTemplate[];
  body: EvaluateTemplate | undefined;
};

export type PreparedAction = PlanAction & { matches: EvaluateCondition };

export function preparePlan(plan: Plan): PreparedPlan {
  const text = JSON.stringify(plan);
  const kept = findKeptMessages(plan);
  return {
    plan,
    questions: plan.questions?.map((round) => round.map(prepareQuestion)) ?? [],
    steps: plan.steps.map((step) => prepareStep(step, kept)),
    hasKnownLength: plan.steps.every(leadsForward),
    outputs: plan.outputs.map(prepareNamed),
    content: plan.content === undefined ? undefined : compileTemplate(plan.content),
    mayUseToken: text.includes('current_user'),
    mayUseConfig: text.includes('config'),
    isRequestSeen: kept.isRequestSeen,
  };
}

function prepareStep(step: PlanStep, kept: KeptMessages): PreparedStep {
  return {
    id: step.id,
    request: prepareRequest(step.request),
    secrets: step.secrets,
    timeoutMs: step.timeoutMs ?? Number.POSITIVE_INFINITY,
    outputs: step.outputs.map(prepareNamed),
    actions: step.actions.map(prepareAction),
    keepsRequest: kept.keepsRequest(step.id),
    keepsResponse: kept.keepsResponse(step.id),
  };
}

function leadsForward({ actions }: PlanStep, index: number): boolean {
  return actions.every((action) => action.do !== 'retry' && (action.do !== 'goto' || action.stepIndex > index));
}

function prepareRequest({ method, url, headers, query, body }: PlanRequest): PreparedRequest {
  return {
    method,
    url: compileUrl(url),
    isHostComputed: url.kind === 'whole' || url.parts.some((part) => typeof part === 'object' && part.where === 'host'),
    headers: headers.map(([name, template]) => [name.toLowerCase(), compileTemplate(template)]),
    query: query.map(prepareNamed),
    body: body === undefined ? undefined : compileTemplate(body),
  };
}

function prepareAction(action: PlanAction): PreparedAction {
  return { ...action, matches: action.when === undefined ? () => true : compileCondition(action.when) };
}

function prepareNamed([name, template]: Plan['outputs'][number]): NamedTemplate {
  return [name, compileTemplate(template)];
}
