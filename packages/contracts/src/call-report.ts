import { z } from 'zod';
import type { FlowRun } from './debug-trace.ts';

/** Shown in the call log, so neither many nor long. */
export const analyticsLimits = { valuesMax: 32, nameLengthMax: 64, textLengthMax: 256, bytesMax: 4096 } as const;

/**
 * Plain values that a document declared to be kept of its calls, by their names: redacted, and never a list or object.
 */
export const analyticsSchema = z.record(
  z.string().max(analyticsLimits.nameLengthMax),
  z.union([z.string().max(analyticsLimits.textLengthMax), z.number(), z.boolean(), z.null()]),
);

/**
 * What a worker reports of a call in addition to its outcome: for traces, metrics and the call log, not for the caller.
 */
export const callReportSchema = z.object({
  /** From when the worker took the call to its outcome, in milliseconds; `upstreamMs` is part of it. */
  executionMs: z.number().min(0),
  /** Of it, the time in which at least one request to an upstream was under way. */
  upstreamMs: z.number().min(0),
  upstreamRequests: z.int().min(0),
  analytics: analyticsSchema.optional(),
  /** For the debugger alone, whose token came with the call. */
  trace: z.custom<FlowRun>((value) => typeof value === 'object' && value !== null).optional(),
});

export type Analytics = z.infer<typeof analyticsSchema>;
export type CallReport = z.infer<typeof callReportSchema>;
/** Filled by the code that runs a call, as things happen. */
export type RunReport = Omit<CallReport, 'executionMs'>;

/**
 * Where the time of a call went, as the edge knows it, in milliseconds: `admissionMs`, `queueMs` and `executionMs`
 * together are its duration. A call that no worker reported has only the first.
 */
export type CallTiming = {
  /** Until it was given to the queue: arguments, policies, a place. */
  admissionMs: number;
  /** On the way to a worker and back. */
  queueMs?: number;
  /** In the worker, `upstreamMs` included. */
  executionMs?: number;
  upstreamMs?: number;
};
