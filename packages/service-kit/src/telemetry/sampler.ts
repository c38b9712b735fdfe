import {
  AlwaysOnSampler,
  createAlwaysRecordSampler,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import { attributes as names } from '@toolplane/contracts';

/**
 * As the parent was sampled; a trace that begins here by the ratio, and one of a debug session always. What is not
 * sampled is recorded nevertheless, because it may yet fail.
 */
export function createSampler(ratio: number): Sampler {
  const byParent = new ParentBasedSampler({
    root: ratio >= 1 ? new AlwaysOnSampler() : new TraceIdRatioBasedSampler(ratio),
  });
  return createAlwaysRecordSampler({
    shouldSample(context, traceId, name, kind, attributes, links) {
      if (attributes[names.debugSession] !== undefined) return { decision: SamplingDecision.RECORD_AND_SAMPLED };
      return byParent.shouldSample(context, traceId, name, kind, attributes, links);
    },
    toString: () => `Toolplane{${byParent.toString()}}`,
  });
}
