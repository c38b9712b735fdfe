import {
  type DebugCallEvent,
  type DebugEvent,
  debugEventSchema,
  type FlowRun,
  type Outcome,
  type Plan,
} from '@toolplane/contracts';
import { createRunTrace } from '../src/traces/run-trace.ts';
import { runTool, type ToolRun } from './run-tool.ts';

/**
 * Runs a plan in a debug session and returns its reports, event by event and as the tree that the debugger receives.
 */
export async function traceTool(
  plan: Plan,
  { hiddenInputs, ...run }: ToolRun & { hiddenInputs?: string[] } = {},
): Promise<{ outcome: Outcome; events: DebugCallEvent[]; tree: FlowRun }> {
  const reported: DebugEvent[] = [];
  const trace = createRunTrace({
    callId: 'call',
    planDigest: 'digest',
    caller: 'key',
    hiddenInputs,
    keeps: true,
    report: (event) => reported.push(debugEventSchema.parse(JSON.parse(JSON.stringify(event)))),
  });
  const outcome = await runTool(plan, { ...run, trace });
  trace.end(outcome);
  const tree = trace.assemble();
  if (tree === undefined) throw new Error('nothing was reported');
  return { outcome, events: reported.filter((event) => event.kind !== 'lost'), tree };
}
