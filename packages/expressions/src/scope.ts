import type { Json, JsonObject } from '@toolplane/contracts';

/**
 * What the references of a run can name. Header names are in lower case; names of `config` are in lower case with `_`
 * for `-`. Look-ups see own properties only, so every level is a plain object or one without a prototype.
 */
export type Scope = {
  inputs: JsonObject;
  /** What the client answered to the questions of the plan, by key; null for what it was not asked. */
  answers?: Record<string, Json>;
  steps: Record<string, StepScope>;
  /** Request and response of the current step, once there are any. */
  request?: RequestScope;
  response?: ResponseScope;
  /** Outputs of the current step that are already built. */
  outputs: JsonObject;
  /** Outputs of the workflow that the current step called. */
  child?: JsonObject;
  /** Inputs and outputs of the workflows that ran in this call, by their index in the plan. */
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
/** Without a body when the answer has none and the plan distinguishes that from null. */
export type ResponseScope = { status: number; headers: JsonObject; body?: Json };
