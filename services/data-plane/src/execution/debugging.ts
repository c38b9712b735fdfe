import type { CallDebug, FlowRun, Json, JsonObject, Outcome, ToolCall } from '@toolplane/contracts';
import type { RequestPosition, UpstreamResponse } from '../egress/http-client.ts';
import type { Environment } from './environment.ts';
import type { PreparedStep } from './prepare-plan.ts';
import type { BuiltRequest } from './requests/build-request.ts';
import type { PreparedRequest } from './requests/prepare-request.ts';
import type { Run, WorkflowRun } from './run.ts';
import type { StepTry } from './step-events.ts';
import type { Visit } from './visit.ts';

/*
 * What a run tells the debugger of its call. `traces/` implements it, and knows what may be shown.
 */

/** What a debugged call is run with. The environment is only for the debugger's own calls. */
export type Debugging = { trace: RunTrace; environment?: Environment };

export type OpenTrace = (callId: string, call: ToolCall & { debug: CallDebug }) => Promise<Debugging | undefined>;

/**
 * Reports one run while somebody debugs. A run without a debugger costs a check for `undefined` here and there. Nothing
 * here makes a run fail or end differently, and every value is masked before it becomes part of an event.
 */
export type RunTrace = {
  /** Called before everything else. */
  begin(run: Run): void;
  startTry(position: TryPosition): TryTrace;
  /** For the try that has this scope. */
  tryOf(scope: object): TryTrace | undefined;
  startFlow(path: string, workflowIndex: number): FlowTrace;
  /** `notes` is additional information for the debugger. */
  end(outcome: Outcome, notes?: string[]): void;
  /** Everything that was reported so far as a tree; undefined when nobody receives it. */
  assemble(): FlowRun | undefined;
};

/** `scope` identifies it. */
export type TryPosition = { path: string; stepId: string; attempt: number; scope: object };

export type TryTrace = {
  startRequest(prepared: PreparedRequest, request: BuiltRequest): RequestTrace;
  /** For a request to an external server. */
  startMessage(url: string, message: Json): MessageTrace;
  /** Called after the request of a step, before one of its actions is chosen. */
  decide(
    workflowRun: WorkflowRun,
    step: PreparedStep,
    decided: { scope: WorkflowRun['scope']; hasFailed: boolean; visit: Visit },
  ): void;
  /** `tried` is missing for a step that leads nowhere. */
  end(outputs: Json | undefined, tried?: StepTry): void;
  fail(thrown: unknown): void;
};

type RequestTrace = Positioned & { answered(response: UpstreamResponse): void; failed(thrown: unknown): void };
type MessageTrace = Positioned & { answered(result: Json): void; failed(thrown: unknown): void };
type Positioned = { readonly position: RequestPosition };
type FlowTrace = { end(outputs: JsonObject): void; fail(thrown: unknown): void };
