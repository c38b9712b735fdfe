import type { CallDebug, FlowRun, Json, JsonObject, Outcome, ToolCall } from '@toolplane/contracts';
import type { RequestPosition, UpstreamResponse } from '../egress/http-client.ts';
import type { Environment } from './environment.ts';
import type { PreparedStep } from './prepare-plan.ts';
import type { BuiltRequest } from './requests/build-request.ts';
import type { PreparedRequest } from './requests/prepare-request.ts';
import type { Run, WorkflowRun } from './run.ts';
import type { EndedAttempt } from './step-events.ts';
import type { Visit } from './visit.ts';

/*
 * The interface through which a run reports to the debugger of its call. `traces/` implements it, and knows what may be
 * shown.
 */

/** The additional options for running a debugged call. The environment is only for the debugger's own calls. */
export type Debugging = { trace: RunTrace; environment?: Environment };

export type OpenTrace = (callId: string, call: ToolCall & { debug: CallDebug }) => Promise<Debugging | undefined>;

/**
 * Reports one run to its debugger. A run without a debugger costs only a few checks for `undefined`. Nothing here makes
 * a run fail or end differently, and every value is masked before it becomes part of an event.
 */
export type RunTrace = {
  /** Called before all other functions. */
  begin(run: Run): void;
  startAttempt(position: AttemptPosition): AttemptTrace;
  /** Returns the trace of the attempt that has this scope. */
  attemptOf(scope: object): AttemptTrace | undefined;
  startFlow(path: string, workflowIndex: number): FlowTrace;
  /** `notes` is additional information for the debugger. */
  end(outcome: Outcome, notes?: string[]): void;
  /** Returns everything that was reported so far as a tree; undefined if nobody receives it. */
  assemble(): FlowRun | undefined;
};

/** `scope` identifies the attempt. */
export type AttemptPosition = { path: string; stepId: string; attempt: number; scope: object };

export type AttemptTrace = {
  startRequest(prepared: PreparedRequest, request: BuiltRequest): RequestTrace;
  /** Called for a request to an external server. */
  startMessage(url: string, message: Json): MessageTrace;
  /** Called after the request of a step, before one of its actions is chosen. */
  decide(
    workflowRun: WorkflowRun,
    step: PreparedStep,
    decided: { scope: WorkflowRun['scope']; hasFailed: boolean; visit: Visit },
  ): void;
  /** `ended` is missing for a step that runs only for its results. */
  end(outputs: Json | undefined, ended?: EndedAttempt): void;
  fail(thrown: unknown): void;
};

type RequestTrace = Positioned & { answered(response: UpstreamResponse): void; failed(thrown: unknown): void };
type MessageTrace = Positioned & { answered(result: Json): void; failed(thrown: unknown): void };
type Positioned = { readonly position: RequestPosition };
type FlowTrace = { end(outputs: JsonObject): void; fail(thrown: unknown): void };
