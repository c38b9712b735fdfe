import { type SpanContext, TraceFlags, trace } from '@opentelemetry/api';
import {
  AlwaysOnSampler,
  createAlwaysRecordSampler,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import { attributes as names } from '@toolplane/contracts';

const SAMPLED = { decision: SamplingDecision.RECORD_AND_SAMPLED };

/**
 * A span is sampled if its parent was. A trace that begins here is sampled if a trace to which it links was, otherwise
 * according to the ratio; a trace of a debug session always. Unsampled spans are recorded nevertheless, because the
 * trace may still fail.
 */
export function createSampler(ratio: number): Sampler {
  const byParent = new ParentBasedSampler({
    root: ratio >= 1 ? new AlwaysOnSampler() : new TraceIdRatioBasedSampler(ratio),
  });
  return createAlwaysRecordSampler({
    shouldSample(context, traceId, name, kind, attributes, links) {
      const goesOn = trace.getSpanContext(context) === undefined && links.some((link) => isSampled(link.context));
      if (goesOn || attributes[names.debugSession] !== undefined) return SAMPLED;
      return byParent.shouldSample(context, traceId, name, kind, attributes, links);
    },
    toString: () => `Toolplane{${byParent.toString()}}`,
  });
}

function isSampled({ traceFlags }: SpanContext): boolean {
  return (traceFlags & TraceFlags.SAMPLED) !== 0;
}
