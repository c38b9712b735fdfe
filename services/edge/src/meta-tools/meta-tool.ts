import type { FinalOutcome } from '@toolplane/contracts';
import type { Held } from '../calls/held.ts';
import type { Attempt } from '../calls/keyed-records.ts';
import type { McpRequest } from '../calls/mcp-request.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Edge } from '../edge.ts';
import type { MetaToolDefinition } from '../manifests/meta-tools/meta-tool-definition.ts';
import type { TextResult } from '../protocol/result.ts';

/** A call of a meta tool, with arguments that match its input schema. */
export type MetaCall<Arguments> = {
  edge: Edge;
  /** Its trace context is that of the meta tool's own span. */
  request: McpRequest;
  catalogue: Catalogue;
  callArguments: Arguments;
  /** The session with which it has its idempotency key. */
  keyed?: Attempt | undefined;
};

export type MetaAnswer =
  | {
      outcome: FinalOutcome;
      /** Nothing of it was executed, although it has an answer: an idempotency key may try again. */
      isVoid?: boolean;
      /** Something in it failed, so somebody may have to look for it. */
      hasErrors?: boolean;
    }
  /** `isHeld`: it has begun, and waits for the answers. */
  | { inputRequired: TextResult; isHeld?: boolean };

/** A tool that the edge itself provides, for servers in mode SMART. An `AppError` that it throws becomes its error. */
export type MetaTool<Arguments> = {
  readonly definition: MetaToolDefinition;
  run(call: MetaCall<Arguments>): Promise<MetaAnswer>;
  /** How long it may take, in milliseconds; absent = a moment. */
  deadlineMs?(call: MetaCall<Arguments>): number;
  /** The begun call that waits for the answers in this call. */
  findHeld?(call: MetaCall<Arguments>): Held | undefined;
};
