import type { CallTiming, Outcome } from '@toolplane/contracts';
import { gauge, histogram, type Tally, tally } from '@toolplane/service-kit';

/** The maximum number of series in one process. Beyond it, tenants' names are counted as `other`. */
const SERIES_MAX = 2000;
const OTHER = 'other';

type EndedCall = {
  serverId: string;
  tool: string;
  outcome: Outcome['outcome'];
  code: string | undefined;
  durationMs: number;
  timing: CallTiming;
  /** The id of the trace, if the trace can be found. */
  traceId: string | undefined;
};

const ended = tally('toolplane_calls_total');
const refused = tally('toolplane_calls_refused_total');
const durations = histogram('toolplane_call_duration_seconds');
const phases = histogram('toolplane_call_phase_seconds');
const admission = phases.labels('admission');
const queue = phases.labels('queue');
const execution = phases.labels('execution');
const upstream = phases.labels('upstream');

let inFlight = 0;
gauge('toolplane_calls_in_flight', (metric) => metric.set(inFlight));

/** The counters by their labels, so that labels need not be built again for each call. */
const counts = new Map<string, Tally>();
const labelsOf: Record<Outcome['outcome'], { outcome: string }> = {
  done: { outcome: 'done' },
  not_started: { outcome: 'not_started' },
  unknown: { outcome: 'unknown' },
  input_required: { outcome: 'input_required' },
};

export function countStart(): void {
  inFlight += 1;
}

/** Takes a few microseconds, with or without a trace. */
export function countEnd({ serverId, tool, outcome, code = '', durationMs, timing, traceId }: EndedCall): void {
  inFlight -= 1;
  countOf(serverId, tool, outcome, code).inc();
  if (outcome === 'not_started') refused(code).inc();
  const labels = labelsOf[outcome];
  const value = durationMs / 1000;
  durations.observe(
    traceId === undefined ? { labels, value } : { labels, value, exemplarLabels: { trace_id: traceId } },
  );
  admission.observe(timing.admissionMs / 1000);
  const { queueMs, executionMs, upstreamMs } = timing;
  if (queueMs === undefined || executionMs === undefined || upstreamMs === undefined) return;
  queue.observe(queueMs / 1000);
  execution.observe(Math.max(0, executionMs - upstreamMs) / 1000);
  upstream.observe(upstreamMs / 1000);
}

function countOf(serverId: string, tool: string, outcome: string, code: string): Tally {
  const key = `${serverId}\n${tool}\n${outcome}\n${code}`;
  const known = counts.get(key);
  if (known !== undefined) return known;
  if (counts.size >= SERIES_MAX && serverId !== OTHER) return countOf(OTHER, OTHER, outcome, code);
  const made = ended(serverId, tool, outcome, code);
  counts.set(key, made);
  return made;
}
