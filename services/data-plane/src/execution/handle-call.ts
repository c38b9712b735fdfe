import type { Span } from '@opentelemetry/api';
import type { DeliveredCall } from '@toolplane/bus';
import {
  AppError,
  attributes,
  failed,
  type Outcome,
  type Plan,
  type RunReport,
  type ToolCall,
  toAppError,
  toolCallSchema,
} from '@toolplane/contracts';
import { tally } from '@toolplane/service-kit';
import { LRUCache } from 'lru-cache';
import type { LogContext } from '../events.ts';
import { inSpan, markFailed, startCallSpan } from './call-spans.ts';
import type { Debugging, OpenTrace } from './debugging.ts';
import { type PreparedPlan, preparePlan } from './prepare-plan.ts';
import type { RunServices } from './run.ts';
import { runPlan } from './run-plan.ts';

const PREPARED_PLANS_MAX = 1000;

const ran = tally('toolplane_worker_calls_total');

export type HandledCall = Omit<DeliveredCall, 'hold' | 'organization'>;
export type CallHandler = (call: HandledCall) => Promise<Outcome>;

/** Runs the calls that the edge queues. `getPlan` verifies the plans, and each plan is prepared once per digest. */
export function createCallHandler(options: {
  getPlan(digest: string): Promise<Plan | undefined>;
  services: RunServices;
  onEnded?(call: ToolCall, work: Required<LogContext>, outcome: Outcome): void;
  /** Called for a call to a server that has an open debug session. */
  openTrace: OpenTrace;
}): CallHandler {
  const { getPlan, services, onEnded, openTrace } = options;
  const preparedPlans = new LRUCache<string, PreparedPlan>({ max: PREPARED_PLANS_MAX });

  async function getPrepared(digest: string): Promise<PreparedPlan> {
    const known = preparedPlans.get(digest);
    if (known !== undefined) return known;
    const plan = await getPlan(digest);
    if (plan === undefined) throw new AppError('config_unavailable', 'The plan of the tool is not published');
    const prepared = preparePlan(plan);
    preparedPlans.set(digest, prepared);
    return prepared;
  }

  async function run(
    { callId, tenant, deadline, signal, report, notify, ask, leaveSlot }: HandledCall,
    call: ToolCall,
    span: Span,
  ): Promise<Outcome> {
    try {
      const prepared = await getPrepared(call.planDigest);
      checkPlan(prepared.plan, tenant, call);
      const planCall = { ...call, callId, deadline, signal, report, notify, ask, leaveSlot, span };
      if (call.debug === undefined) return await runPlan(prepared, planCall, services);
      const debugging = await openTrace(callId, { ...call, debug: call.debug });
      const outcome = await runPlan(prepared, { ...planCall, ...debugging }, services);
      if (debugging !== undefined) endTrace(debugging, outcome, report);
      return outcome;
    } catch (thrown) {
      const error = toAppError(thrown);
      if (error.code === 'internal') services.onInternalError(thrown, { span, callId });
      return failed('not_started', error.code, error.message);
    }
  }

  return async (delivered) => {
    const parsed = toolCallSchema.safeParse(delivered.body);
    if (!parsed.success) return failed('not_started', 'incompatible', 'The call comes from an unknown release');
    const span = startCallSpan(delivered.callId, parsed.data);
    return inSpan(span, async () => {
      const outcome = await run(delivered, parsed.data, span);
      span.setAttribute(attributes.outcome, outcome.outcome);
      const code = failureOf(outcome);
      if (code !== undefined) markFailed(span, code);
      ran(outcome.outcome, code ?? '').inc();
      onEnded?.(parsed.data, { span, callId: delivered.callId }, outcome);
      return outcome;
    });
  };
}

/** The edge decides this in the same way, so that both sides of a trace report the call as failed. */
function failureOf(outcome: Outcome): string | undefined {
  if (!outcome.ok) return outcome.error.code;
  return outcome.outcome === 'done' && outcome.isError === true ? 'tool_error' : undefined;
}

/** Returns the whole tree to the debugger with the reply. */
function endTrace({ trace, environment }: Debugging, outcome: Outcome, report: RunReport): void {
  trace.end(outcome, environment?.notes());
  const tree = trace.assemble();
  if (tree !== undefined) report.trace = tree;
}

/** The digest proves what the plan contains, not that this call may run it. */
function checkPlan(plan: Plan, tenant: string, call: ToolCall): void {
  const isOfTenant = plan.workspaceId === tenant && call.workspaceId === tenant;
  if (isOfTenant && plan.serverId === call.serverId && plan.tool === call.tool) return;
  throw new AppError('not_found', 'No such tool');
}
