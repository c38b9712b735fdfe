import type { Json, JsonObject } from '@toolplane/contracts';

/**
 * The values that the references of a run can name. Header names are in lower case; names of `config` are in lower case
 * with `_` instead of `-`. Lookups see only own properties, so every level is a plain object or one without a
 * prototype.
 */
export type Scope = {
  inputs: JsonObject;
  /** The client's answers to the questions of the plan, by key; null for a question that was not asked. */
  answers?: Record<string, Json>;
  steps: Record<string, StepScope>;
  /** The request and response of the current step, once they exist. */
  request?: RequestScope;
  response?: ResponseScope;
  /** The outputs of the current step that are already built. */
  outputs: JsonObject;
  /** The outputs of the workflow that the current step called. */
  child?: JsonObject;
  /** The inputs and outputs of the workflows that ran in this call, by their index in the plan. */
  workflows?: Record<string, { inputs: JsonObject; outputs: JsonObject }>;
  secrets: Record<string, string>;
  current_user: { token?: string };
  config: Record<string, string>;
};

export type StepScope = { request?: RequestScope; response?: ResponseScope; outputs: JsonObject };
export type RequestScope = {
  method: string;
  url: string;
  path?: JsonObject;
  query: JsonObject;
  headers: JsonObject;
  body: Json;
};
/** The body is absent if the response has none and the plan distinguishes that from null. */
export type ResponseScope = { status: number; headers: JsonObject; body?: Json };
