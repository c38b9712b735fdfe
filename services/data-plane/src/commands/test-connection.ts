import { randomUUID } from 'node:crypto';
import { ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';
import { AppError, type Command, type ConnectionTest, type Failure } from '@toolplane/contracts';
import { inSpan } from '../execution/call-spans.ts';
import { preparePlan } from '../execution/prepare-plan.ts';
import type { PlanCall, RunServices } from '../execution/run.ts';
import { runPlan } from '../execution/run-plan.ts';

type TestConnection = Extract<Command, { command: 'test_connection' }>;

const TEST_MS_MAX = 15_000;

/** Sends the one request of the plan and reports only the status of the response. */
export async function testConnection(
  { plan, ref }: TestConnection,
  { signal, span: parent }: { signal: AbortSignal; span: Span },
  services: RunServices,
): Promise<ConnectionTest> {
  let status: number | undefined;
  const client: RunServices['client'] = {
    ...services.client,
    async send(request) {
      const response = await services.client.send(request);
      status = response.status;
      return response;
    },
  };
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(tooSlow()), TEST_MS_MAX);
  const span = trace
    .getTracer('@toolplane/data-plane')
    .startSpan('test connection', {}, trace.setSpan(ROOT_CONTEXT, parent));
  const call: PlanCall = {
    callId: randomUUID(),
    arguments: {},
    caller: { config: {} },
    test: ref === undefined ? {} : { credential: ref },
    deadline: services.clock.now() + TEST_MS_MAX,
    signal: AbortSignal.any([signal, limit.signal]),
    notify: () => {},
    ask: () => Promise.reject(new AppError('input_declined', 'Nobody is there to answer')),
    leaveSlot: () => {},
    report: { upstreamMs: 0, upstreamRequests: 0 },
    span,
  };
  try {
    const outcome = await inSpan(span, () => runPlan(preparePlan(plan), call, { ...services, client }));
    const reported = status === undefined ? {} : { status };
    if (outcome.ok) return { isSuccess: true, ...reported, message: `The test was answered with status ${status}` };
    return { isSuccess: false, ...reported, message: messageOf(outcome, status) };
  } finally {
    clearTimeout(timer);
  }
}

function messageOf({ error }: Failure, status: number | undefined): string {
  if (error.code !== 'step_failed' || status === undefined) return error.message;
  if (status === 401 || status === 403)
    return `The credentials were refused: the test was answered with status ${status}`;
  return `The test was answered with status ${status}, which is not what the descriptor expects`;
}

function tooSlow(): AppError {
  return new AppError('deadline_exceeded', `The test took longer than ${TEST_MS_MAX / 1000} seconds`);
}
