import { type FinalOutcome, planLimits } from '@toolplane/contracts';
import type { Held } from '../calls/held.ts';
import type { KeyedAttempt } from '../calls/keyed-records.ts';
import type { McpRequest } from '../calls/mcp-request.ts';
import type { HostedCatalogue } from '../catalogue/catalogue.ts';
import type { Edge } from '../edge.ts';
import type { MetaToolDefinition } from '../manifests/meta-tools/meta-tool-definition.ts';
import type { GateParts } from '../policies/call-gate.ts';
import type { TextResult } from '../protocol/result.ts';
import type { QuestionParts } from '../questions/run-with-questions.ts';

/** The maximum size of the text that a model receives: as much as the outputs of one tool may have. */
export const ANSWER_BYTES_MAX = planLimits.outputBytesMax;

/** What meta tools use of the edge. */
export type MetaToolParts = QuestionParts & GateParts & Pick<Edge, 'callerLimits' | 'findCatalogue' | 'limitAnonymous'>;

/** A call of a meta tool, with arguments that match its input schema. */
export type MetaCall<Arguments> = {
  edge: MetaToolParts;
  /** The request, with the trace context of the meta tool's own span. */
  request: McpRequest;
  catalogue: HostedCatalogue;
  callArguments: Arguments;
  /** The attempt that holds the request's idempotency key. */
  keyed?: KeyedAttempt | undefined;
};

export type MetaAnswer =
  | {
      outcome: FinalOutcome;
      /** Nothing was executed although the call has an answer: an idempotency key may be used to try again. */
      isVoid?: boolean;
      /** Something in the call failed, so an operator may have to find its trace. */
      hasErrors?: boolean;
    }
  /** `isHeld` means that the call has begun and waits for the answers. */
  | { inputRequired: TextResult; isHeld?: boolean };

/**
 * A tool that the edge itself provides, for servers in mode SMART. If it throws an `AppError`, this becomes its error.
 */
export type MetaTool<Arguments> = {
  readonly definition: MetaToolDefinition;
  run(call: MetaCall<Arguments>): Promise<MetaAnswer>;
  /** The maximum duration in milliseconds. If absent, the tool takes a moment. */
  deadlineMs?(call: MetaCall<Arguments>): number;
  /** Returns the call that has begun and waits for the answers in this call. */
  findHeld?(call: MetaCall<Arguments>): Held | undefined;
};
