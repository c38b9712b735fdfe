import type { JsonObject } from '@toolplane/contracts';
import type { Part } from '../document/part.ts';
import type { Idempotency } from '../http/read-idempotency.ts';
import type { OutputBudget } from '../tools/read-output-budget.ts';

/** The minor version of the specification: 1.0 or 1.1. */
export type Minor = 0 | 1;

/**
 * An Arazzo document after reading: references to components are resolved and forms are checked, but no expression is
 * parsed and nothing is looked up in other documents yet.
 */
export type ArazzoDocument = {
  /** The name of the source description that led here; absent for the deployed document. */
  name?: string;
  minor: Minor;
  /**
   * The base URI: the resolved `$self`, or the location from which the document was loaded; empty if neither is known.
   */
  baseUri: string;
  /** `$self`, resolved. */
  self?: string;
  title: string;
  summary?: string;
  description?: string;
  settings: Settings;
  sources: SourceDescription[];
  workflows: Workflow[];
};

/** `x-settings` of the document, with defaults. `docs/reference/arazzo.md` describes each setting. */
export type Settings = {
  defaultSuccess: '2xx' | 'documented';
  actionInheritance: 'merge' | 'replace';
  endOnFailureIsError: boolean;
  jsonPathCompat: boolean;
  strictParameters: boolean;
  strictReplacements: boolean;
  retryAfterSecondsMax: number;
  stepsRunMax: number;
};

export type SourceDescription = {
  part: Part;
  name: string;
  url: string;
  /** Absolute if a base is known. */
  resolvedUrl: string;
  type?: 'openapi' | 'arazzo' | 'asyncapi';
  /** Security scheme → secret of the server (`x-secrets`). */
  secrets: Record<string, string>;
  /** `x-server`: the base URL that replaces those of the OpenAPI document. */
  server?: string;
  /** `x-server-variables`. */
  serverVariables: Record<string, string>;
  /** `x-trusted`, which counts only in the deployed document. */
  isTrusted: boolean;
  /** Other `x-…` members: `$sourceDescriptions.n.x-…`. */
  extensions: JsonObject;
};

export type Workflow = OutputBudget & {
  part: Part;
  /** Empty if the id could not be read. */
  id: string;
  summary?: string;
  description?: string;
  /** The schema of the inputs, with `$ref` to components inlined; it has an object at its root. */
  inputs?: JsonObject;
  /** All parts are texts. */
  dependsOn: Part[];
  steps: Step[];
  successActions: Action[];
  failureActions: Action[];
  outputs: NamedPart[];
  parameters: Parameter[];
  /** `x-parallel`. */
  isParallel: boolean;
  /** `x-mcp-name`. */
  toolName?: string;
  /** `x-mcp-expose`: false for a workflow that only other workflows call. */
  isTool: boolean;
  /** `x-annotations`, as in Flower. */
  annotations: Record<string, boolean>;
  /** `x-timeout`, converted from seconds to milliseconds. */
  deadlineMs?: number;
};

export type Step = {
  part: Part;
  id: string;
  description?: string;
  /** The text is empty if there is no target, which is reported. */
  target: { kind: 'operationId' | 'operationPath' | 'workflowId' | 'channelPath'; part: Part; text: string };
  parameters: Parameter[];
  requestBody?: RequestBody;
  /** If absent, the default of the settings applies. */
  successCriteria?: Criterion[];
  /** Absent and empty differ: with `replace`, an empty list hides the actions of the workflow. */
  onSuccess?: Action[];
  onFailure?: Action[];
  outputs: NamedPart[];
  timeoutMs?: number;
  /** The idempotency of the step's request. */
  idempotency: Idempotency;
  /** All parts are texts. */
  dependsOn: Part[];
};

export type NamedPart = { name: string; part: Part };

/** `part` is where the parameter is used. For one of the components, `value` is in the component. */
export type Parameter = { part: Part; name: string; in?: ParameterPlace; value: Part };
export type ParameterPlace = 'path' | 'query' | 'header' | 'cookie' | 'querystring';

export type RequestBody = { part: Part; contentType?: string; payload?: Part; replacements: PayloadReplacement[] };

export type PayloadReplacement = {
  part: Part;
  target: Part;
  /** `targetSelectorType`. If absent, XPath for XML and JSON Pointer otherwise. */
  type?: 'jsonpointer' | 'jsonpath' | 'xpath';
  value: Part;
};

export type Criterion = {
  part: Part;
  condition: Part;
  context?: Part;
  type: 'simple' | 'regex' | 'jsonpath' | 'xpath';
};

/** `part` is where the action is used. For one of the components, the other parts are those of the component. */
export type Action = {
  part: Part;
  name: string;
  type: 'end' | 'goto' | 'retry';
  stepId?: Part;
  workflowId?: Part;
  parameters: Parameter[];
  /** Present only for a retry. */
  retryAfterSeconds?: number;
  retryLimit?: number;
  criteria: Criterion[];
};
