import type { JsonObject } from '@toolplane/contracts';
import type { Part } from '../document/part.ts';
import type { Idempotency } from '../http/read-idempotency.ts';
import type { OutputBudget } from '../tools/read-output-budget.ts';

/** Of version 1 of the specification: 1.0 or 1.1. */
export type Minor = 0 | 1;

/**
 * An Arazzo document, read: references to components are resolved, forms are checked, no expression is parsed and
 * nothing is looked up in other documents yet.
 */
export type ArazzoDocument = {
  /** Of the source description that led here; absent for the deployed document. */
  name?: string;
  minor: Minor;
  /** Base URI: `$self`, resolved, or where the document came from; empty when nothing says. */
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

/** `x-settings` of the document, by defaults: `docs/reference/arazzo.md` says what each does. */
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
  /** Absolute where there is a base. */
  resolvedUrl: string;
  type?: 'openapi' | 'arazzo' | 'asyncapi';
  /** Security scheme → secret of the server (`x-secrets`). */
  secrets: Record<string, string>;
  /** `x-server`: this base URL instead of those of the OpenAPI document. */
  server?: string;
  /** `x-server-variables`. */
  serverVariables: Record<string, string>;
  /** `x-trusted`, which counts in the deployed document alone. */
  isTrusted: boolean;
  /** Other `x-…` members: `$sourceDescriptions.n.x-…`. */
  extensions: JsonObject;
};

export type Workflow = OutputBudget & {
  part: Part;
  /** Empty when it could not be read. */
  id: string;
  summary?: string;
  description?: string;
  /** With `$ref` to components inlined, an object at its root. */
  inputs?: JsonObject;
  /** Texts. */
  dependsOn: Part[];
  steps: Step[];
  successActions: Action[];
  failureActions: Action[];
  outputs: Named[];
  parameters: Parameter[];
  /** `x-parallel`. */
  isParallel: boolean;
  /** `x-mcp-name`. */
  toolName?: string;
  /** `x-mcp-expose`: false for a workflow that is only called by others. */
  isTool: boolean;
  /** `x-annotations`, as in Flower. */
  annotations: Record<string, boolean>;
  /** `x-timeout`, seconds → ms. */
  deadlineMs?: number;
};

export type Step = {
  part: Part;
  id: string;
  description?: string;
  /** The text is empty when there is no target, which is reported. */
  target: { kind: 'operationId' | 'operationPath' | 'workflowId' | 'channelPath'; part: Part; text: string };
  parameters: Parameter[];
  requestBody?: RequestBody;
  /** Absent: the default of the settings. */
  successCriteria?: Criterion[];
  /** Absent and empty differ: with `replace`, an empty list hides those of the workflow. */
  onSuccess?: Action[];
  onFailure?: Action[];
  outputs: Named[];
  timeoutMs?: number;
  /** Of its request. */
  idempotency: Idempotency;
  /** Texts. */
  dependsOn: Part[];
};

export type Named = { name: string; part: Part };

/** `part` is where it is used, also for one of the components; its value is then there. */
export type Parameter = { part: Part; name: string; in?: ParameterPlace; value: Part };
export type ParameterPlace = 'path' | 'query' | 'header' | 'cookie' | 'querystring';

export type RequestBody = { part: Part; contentType?: string; payload?: Part; replacements: Replacement[] };

export type Replacement = {
  part: Part;
  target: Part;
  /** Of `targetSelectorType`; absent: XPath for XML, otherwise JSON Pointer. */
  type?: 'jsonpointer' | 'jsonpath' | 'xpath';
  value: Part;
};

export type Criterion = {
  part: Part;
  condition: Part;
  context?: Part;
  type: 'simple' | 'regex' | 'jsonpath' | 'xpath';
};

/** `part` is where it is used, also for one of the components; the other parts are then those of the component. */
export type Action = {
  part: Part;
  name: string;
  type: 'end' | 'goto' | 'retry';
  stepId?: Part;
  workflowId?: Part;
  parameters: Parameter[];
  /** Only of a retry. */
  retryAfterSeconds?: number;
  retryLimit?: number;
  criteria: Criterion[];
};
