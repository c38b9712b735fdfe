import {
  type DebugCallEvent,
  type Json,
  type Plan,
  type Recording,
  type Replay,
  toRecording,
} from '@toolplane/contracts';
import { digestOf } from '@toolplane/sealing';
import { replayCall } from '../src/replay/replay-call.ts';
import { createRunTrace } from '../src/traces/run-trace.ts';
import { internalErrors, runTool, type ToolRun } from './run-tool.ts';

/** Runs a plan against real upstreams like a debug session, and returns the export of the session. */
export async function recordRun(
  plan: Plan,
  { hiddenInputs, notes, ...run }: ToolRun & { hiddenInputs?: string[]; notes?: () => string[] } = {},
): Promise<Recording> {
  const events: DebugCallEvent[] = [];
  const trace = createRunTrace({
    callId: 'call_1',
    planDigest: digestOf(plan as Json),
    caller: 'key',
    hiddenInputs,
    keeps: false,
    report: (event) => void (event.kind !== 'lost' && events.push(event)),
  });
  trace.end(await runTool(plan, { ...run, trace }), notes?.());
  const recording = toRecording(events);
  if (recording === undefined) throw new Error('The run has reported nothing');
  // The recording has the form that it has in a file.
  return JSON.parse(JSON.stringify(recording));
}

export function replay(plan: Plan, recording: Recording, signal = new AbortController().signal): Promise<Replay> {
  return replayCall({ plan, recording }, signal, (error) => internalErrors.push(error));
}
