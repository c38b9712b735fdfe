import { AppError, type Failure, type FinalOutcome, failed, type JsonObject } from '@toolplane/contracts';
import { countFurther } from '../callers/count-further.ts';
import { requireScopes } from '../callers/scopes.ts';
import { callTarget } from '../calls/call-target.ts';
import { runConcurrently } from '../calls/run-concurrently.ts';
import type { TargetCall } from '../calls/target-call.ts';
import type { CatalogueTool } from '../catalogue/catalogue.ts';
import { executeToolsDefinition } from '../manifests/meta-tools/execute-tools.ts';
import type { CallGate } from '../policies/gated-call.ts';
import { checksOf } from '../policies/visible-catalogue.ts';
import { toFailure } from '../protocol/to-failure.ts';
import { openRequestGate } from '../questions/open-request-gate.ts';
import { peekHeld } from '../questions/request-state.ts';
import { eventsOf, readProgressToken, runWithQuestions, toTargetCall } from '../questions/run-with-questions.ts';
import { type EndedBatchCall, toExecuted } from './execute-results.ts';
import type { MetaAnswer, MetaCall, MetaTool } from './meta-tool.ts';
import { checkSession } from './smart-session.ts';
import { nearestTools } from './unknown-names.ts';

type WantedCall = { slug: string; arguments?: JsonObject };
type Arguments = { calls: [WantedCall, ...WantedCall[]]; session_id?: string };

const AT_ONCE_MAX = 5;
/** How long after its deadline a call has its outcome; then the next calls begin. */
const LATE_MS_MAX = 1000;

/** `execute_tools`: runs tools in the same way as a server that lists them, each as a separate call. */
export const executeTools: MetaTool<Arguments> = {
  definition: executeToolsDefinition,
  async run(call) {
    const { edge, request, callArguments } = call;
    checkSession(edge, request, callArguments.session_id);
    // Checked before any of them runs, because the client is asked for more scopes for the whole request.
    for (const { slug } of callArguments.calls) {
      const tool = call.catalogue.tools.get(slug)?.hosted.tool;
      if (tool !== undefined) requireScopes(request.principal, tool);
    }
    const [first, ...others] = callArguments.calls;
    // The first call was counted as its request.
    await countFurther(edge, request.principal, others.length);
    return others.length === 0 ? runOnly(call, first) : runBatch(call);
  },
  deadlineMs({ catalogue, callArguments: { calls } }) {
    const longestMs = Math.max(...calls.map(({ slug }) => catalogue.tools.get(slug)?.hosted.target.deadlineMs ?? 1));
    return Math.ceil(calls.length / AT_ONCE_MAX) * (longestMs + LATE_MS_MAX);
  },
  findHeld({ edge, request, catalogue, callArguments: { calls } }) {
    const [{ slug, arguments: callArguments }, ...others] = calls;
    const target = others.length === 0 ? catalogue.tools.get(slug)?.hosted.target : undefined;
    return target && peekHeld(edge, { request, target, callArguments });
  },
};

/** Runs a single call, which may do everything that a direct call may: ask, and report its progress. */
async function runOnly(call: MetaCall<Arguments>, { slug, arguments: given }: WantedCall): Promise<MetaAnswer> {
  const tool = await findRunnable(call, slug);
  if ('error' in tool) return toExecuted([{ slug, outcome: tool }]);
  const { target } = tool.hosted;
  const gate = openToolGate(call, tool);
  const { edge, request, keyed } = call;
  const answer = await runWithQuestions(edge, { request, target, callArguments: given, gate, keyed });
  if ('inputRequired' in answer) return answer;
  return toExecuted([{ slug, outcome: answer.outcome, isRepeatable: target.isRepeatable }]);
}

async function runBatch(call: MetaCall<Arguments>): Promise<MetaAnswer> {
  const { calls } = call.callArguments;
  const jobs: (WantedCall & { index: number; tool: CatalogueTool | Failure })[] = [];
  // The tools are found one after the other, because finding names that are similar to an unknown one takes a search.
  for (const [index, wanted] of calls.entries()) {
    jobs.push({ ...wanted, index, tool: await findRunnable(call, wanted.slug) });
  }
  const run = createRun(call);
  const report = createReporter(call);
  const ended: EndedBatchCall[] = [];
  await runConcurrently(
    jobs,
    async ({ index, slug, tool, arguments: given }) => {
      ended[index] =
        'error' in tool
          ? { slug, outcome: tool }
          : { slug, outcome: await run(tool, given), isRepeatable: tool.hosted.target.isRepeatable };
      report();
    },
    AT_ONCE_MAX,
  );
  return toExecuted(ended);
}

function openToolGate({ edge, request }: MetaCall<Arguments>, tool: CatalogueTool): CallGate | undefined {
  return openRequestGate(edge, request, { ...tool.hosted, checks: checksOf(request.server, tool) }, tool.slug);
}

function createRun(metaCall: MetaCall<Arguments>) {
  const { edge, request } = metaCall;
  // The progress of several calls would not grow steadily, so the reported value is how many of them have ended.
  const { progressToken: _, ...meta } = request.meta;
  const ofEach = { ...request, meta };
  return async (tool: CatalogueTool, given: JsonObject | undefined): Promise<FinalOutcome> => {
    const { target } = tool.hosted;
    if (target.asks && tool.hosted.tool.runsUnasked !== true) return asksInBatch();
    let gate: CallGate | undefined;
    const call = readCall(() => {
      gate = openToolGate(metaCall, tool);
      return { ...toTargetCall(ofEach, target, given), ...eventsOf(ofEach), admit: gate?.admit };
    });
    if ('error' in call) return call;
    const { outcome } = await callTarget(edge, call);
    if (outcome.outcome !== 'input_required') return outcome;
    // Nobody is asked here, so the caller has to repeat the call alone.
    gate?.release();
    return asksInBatch();
  };
}

/** Headers that one tool refuses do not affect the other calls of its batch. */
function readCall(read: () => TargetCall): TargetCall | Failure {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof AppError) return toFailure(thrown);
    throw thrown;
  }
}

function asksInBatch(): Failure {
  const message = 'This tool asks the user before it runs: make it the only call of a batch';
  return failed('not_started', 'invalid_request', message);
}

/** Returns the failure of a call for which there is nothing to run. */
async function findRunnable({ catalogue }: MetaCall<Arguments>, slug: string): Promise<CatalogueTool | Failure> {
  const tool = catalogue.tools.get(slug);
  if (tool === undefined) {
    const similar = await nearestTools(catalogue, slug);
    const hint = similar.length === 0 ? 'use discover_tools to find tools' : `similar tools: ${similar.join(', ')}`;
    return failed('not_started', 'not_found', `There is no such tool; ${hint}`);
  }
  if (tool.hosted.tool.task !== 'required') return tool;
  const message = 'This tool runs only as a task: call it directly, on a server that lists it';
  return failed('not_started', 'invalid_request', message);
}

function createReporter({ request: { meta, notify }, callArguments: { calls } }: MetaCall<Arguments>): () => void {
  const progressToken = readProgressToken(meta);
  let progress = 0;
  return () => {
    progress += 1;
    if (progressToken === undefined) return;
    notify?.('notifications/progress', { progressToken, progress, total: calls.length });
  };
}
