import { z } from 'zod';
import type { FlowRun } from './debug-trace.ts';

/** Analytics are shown in the call log, so there are few values, and these are short. */
export const analyticsLimits = { valuesMax: 32, nameLengthMax: 64, textLengthMax: 256, bytesMax: 4096 } as const;

/**
 * Plain values, by name, that a document declares to be kept of its calls. They are redacted, and never a list or an
 * object.
 */
export const analyticsSchema = z.record(
  z.string().max(analyticsLimits.nameLengthMax),
  z.union([z.string().max(analyticsLimits.textLengthMax), z.number(), z.boolean(), z.null()]),
);

/**
 * What a worker reports about a call in addition to its outcome. It is for traces, metrics and the call log, not for
 * the caller.
 */
export const callReportSchema = z.object({
  /** Milliseconds from when the worker took the call to its outcome; `upstreamMs` is part of it. */
  executionMs: z.number().min(0),
  /** The part of `executionMs` in which at least one request to an upstream was in flight. */
  upstreamMs: z.number().min(0),
  upstreamRequests: z.int().min(0),
  analytics: analyticsSchema.optional(),
  /** Only for the debugger whose token came with the call. */
  trace: z.custom<FlowRun>((value) => typeof value === 'object' && value !== null).optional(),
});

export type Analytics = z.infer<typeof analyticsSchema>;
export type CallReport = z.infer<typeof callReportSchema>;
/** Filled in, while it runs, by the code that runs a call. */
export type RunReport = Omit<CallReport, 'executionMs'>;

/**
 * Where the time of a call went, as measured by the edge, in milliseconds. The sum of `admissionMs`, `queueMs` and
 * `executionMs` is its duration. A call that no worker reported has only `admissionMs`.
 */
export type CallTiming = {
  /** Until the call was added to the queue: checks of arguments and policies, and the wait for a place. */
  admissionMs: number;
  /** On the way to a worker and back. */
  queueMs?: number;
  /** In the worker, `upstreamMs` included. */
  executionMs?: number;
  upstreamMs?: number;
};
