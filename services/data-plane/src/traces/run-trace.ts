import {
  assembleTrace,
  type CallDebug,
  type DebugDecision,
  type DebugError,
  type DebugEvent,
  type DebugValue,
  type FlowRun,
  type Json,
  toAppError,
} from '@toolplane/contracts';
import type { AttemptPosition, AttemptTrace, RunTrace } from '../execution/debugging.ts';
import type { PreparedPlan } from '../execution/prepare-plan.ts';
import { type Run, redactorOf } from '../execution/run.ts';
import type { EndedAttempt } from '../execution/step-events.ts';
import { explainDecision } from './explain-decision.ts';
import { hideInputs } from './hidden-inputs.ts';
import { createHiddenRedactor, createMask, type Mask } from './mask.ts';
import { showExternalRequest, showRequest, showResponse } from './show-exchange.ts';
import { showValue } from './show-value.ts';
import { createTraceEvents, type ReportedEvent } from './trace-events.ts';

type Exchange = Extract<ReportedEvent, { kind: 'exchange' }>;

export function createRunTrace(options: {
  callId: string;
  planDigest: string;
  caller: CallDebug['caller'];
  hiddenInputs?: readonly string[] | undefined;
  report(event: DebugEvent): void;
  /** True if the tree will be requested, so that events must be stored. */
  keeps: boolean;
}): RunTrace {
  const { callId, planDigest, caller, hiddenInputs = [], report, keeps } = options;
  const startedAt = performance.now();
  const attempts = new WeakMap<object, AttemptTrace>();
  let run: Run | undefined;
  let hidden = createHiddenRedactor([]);
  const events = createTraceEvents({ callId, report, keeps, now: () => run?.services.clock.now() ?? Date.now() });
  const { emit } = events;

  /**
   * Masks with the redactor of the run at this moment: secrets that have been fetched by now are masked from now on.
   */
  function maskNow(): Mask {
    return createMask(run === undefined ? hidden : redactorOf(run), hidden);
  }

  const toError = (thrown: unknown): DebugError => {
    const { code, message } = toAppError(thrown);
    return { code, message: maskNow().text(message) };
  };
  const show = (value: Json): DebugValue => showValue(value, maskNow());

  function startAttempt({ path, stepId, attempt, scope }: AttemptPosition): AttemptTrace {
    const position = { path, step_id: stepId, attempt };
    const since = performance.now();
    let index = 0;
    let decision: DebugDecision | undefined;

    /**
     * The request is shown as it was when it was sent, without values that are known to be secret when it is answered.
     */
    function startExchange(showSent: (mask: Mask) => Exchange['request']) {
      const sentAt = performance.now();
      const exchange = { kind: 'exchange', ...position, index: index++ } as const;
      const reported = () => ({ ...exchange, duration_ms: msSince(sentAt), request: showSent(maskNow()) });
      return {
        position: { step: path + stepId, attempt, index: exchange.index },
        answered: (showGot: () => Exchange['response']) => emit(() => ({ ...reported(), response: showGot() })),
        failed: (thrown: unknown) => emit(() => ({ ...reported(), error: toError(thrown) })),
      };
    }

    const traced: AttemptTrace = {
      startRequest(prepared, request) {
        const exchange = startExchange((mask) => showRequest(prepared, request, mask));
        return { ...exchange, answered: (it) => exchange.answered(() => showResponse(it, maskNow())) };
      },
      startMessage(url, message) {
        const exchange = startExchange((mask) => showExternalRequest(url, message, mask));
        return {
          ...exchange,
          answered: (result) => exchange.answered(() => ({ status: 200, headers: {}, body: show(result) })),
        };
      },
      decide(workflowRun, step, decided) {
        try {
          decision = explainDecision(workflowRun.run.prepared, workflowRun.workflow, step, decided);
        } catch {
          decision = undefined;
        }
      },
      end(outputs, ended) {
        emit(() => ({
          kind: 'step',
          ...position,
          duration_ms: msSince(since),
          ...(outputs === undefined ? {} : { outputs: show(outputs) }),
          ...(decision === undefined ? {} : { decision }),
          ...(ended === undefined ? {} : { action: toAction(ended) }),
        }));
      },
      fail(thrown) {
        emit(() => ({
          kind: 'step',
          ...position,
          duration_ms: msSince(since),
          error: toError(thrown),
          ...(decision === undefined ? {} : { decision }),
        }));
      },
    };
    attempts.set(scope, traced);
    return traced;
  }

  function toAction({ action, waitMs, workflow }: EndedAttempt) {
    const { workflows = [] } = run?.prepared ?? ({} as Partial<PreparedPlan>);
    const to =
      action.do === 'goto'
        ? workflow.steps[action.stepIndex]?.id
        : action.do === 'transfer'
          ? workflows[action.to.workflowIndex]?.id
          : undefined;
    return {
      type: action.do,
      ...(action.do === 'retry' ? { wait_ms: waitMs } : {}),
      ...(to === undefined ? {} : { to }),
    };
  }

  return {
    startAttempt,
    attemptOf: (scope) => attempts.get(scope),
    begin(started) {
      run = started;
      const { plan } = started.prepared;
      const { shown, values } = hideInputs(started.call.arguments, hiddenInputs);
      hidden = createHiddenRedactor(values);
      emit(() => ({
        kind: 'call',
        server_id: plan.serverId,
        tool: plan.tool,
        plan_digest: planDigest,
        caller,
        inputs: show(shown),
      }));
    },
    startFlow(path, workflowIndex) {
      const since = performance.now();
      const reported = () => {
        const inputs = run?.workflows[workflowIndex]?.inputs;
        return {
          kind: 'flow' as const,
          path,
          flow_id: run?.prepared.workflows[workflowIndex]?.id ?? '',
          duration_ms: msSince(since),
          ...(inputs === undefined ? {} : { inputs: show(inputs) }),
        };
      };
      return {
        end: (outputs) => emit(() => ({ ...reported(), outputs: show(outputs) })),
        fail: (thrown) => emit(() => ({ ...reported(), error: toError(thrown) })),
      };
    },
    end(outcome, notes = []) {
      emit(() => ({
        kind: 'end',
        duration_ms: msSince(startedAt),
        outcome: outcome.outcome,
        ...(outcome.ok && outcome.outcome === 'done' ? { outputs: show(outcome.value) } : {}),
        ...(outcome.ok ? {} : { error: { code: outcome.error.code, message: maskNow().text(outcome.error.message) } }),
        ...(events.leftOut() === 0 ? {} : { events_left_out: events.leftOut() }),
        ...(notes.length === 0 ? {} : { notes }),
      }));
    },
    assemble() {
      // Secrets that were fetched during the run must not be shown in earlier values either.
      return keeps
        ? (maskNow().value((assembleTrace(events.kept()) ?? null) as Json) as unknown as FlowRun)
        : undefined;
    },
  };
}

const msSince = (since: number) => Math.round((performance.now() - since) * 10) / 10;
