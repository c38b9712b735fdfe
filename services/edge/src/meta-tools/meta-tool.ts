import type { FinalOutcome } from '@toolplane/contracts';
import type { Held } from '../calls/held.ts';
import type { Attempt } from '../calls/keyed-records.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Edge } from '../edge.ts';
import type { McpRequest, TextResult } from '../mcp/mcp-request.ts';
import type { MetaToolDefinition } from './definitions/meta-tool-definition.ts';

/** A call of a meta tool, with arguments that are as its input schema wants them. */
export type MetaCall<Arguments> = {
  edge: Edge;
  /** Its trace context is that of the meta tool's own span. */
  request: McpRequest;
  catalogue: Catalogue;
  callArguments: Arguments;
  /** With which it has its idempotency key. */
  keyed?: Attempt | undefined;
};

export type MetaAnswer =
  | {
      outcome: FinalOutcome;
      /** Nothing of it was executed, although it has an answer: an idempotency key may try again. */
      isVoid?: boolean;
      /** Something in it failed, so that somebody may have to look for it. */
      hasErrors?: boolean;
    }
  /** `isHeld`: it has begun, and waits for the answers. */
  | { inputRequired: TextResult; isHeld?: boolean };

/** A tool that the edge has itself, for servers in mode SMART. What it throws as `AppError` becomes its error. */
export type MetaTool<Arguments> = {
  readonly definition: MetaToolDefinition;
  run(call: MetaCall<Arguments>): Promise<MetaAnswer>;
  /** How long it may take, milliseconds; absent = a moment. */
  deadlineMs?(call: MetaCall<Arguments>): number;
  /** What it brings answers for that has begun and waits. */
  findHeld?(call: MetaCall<Arguments>): Held | undefined;
};
