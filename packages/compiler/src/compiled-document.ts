import type { Diagnostic, Plan, Tool } from '@toolplane/contracts';
import type { Reference } from './arazzo/sources/reference.ts';
import type { Audience } from './ergonomics/check-tools.ts';
import type { CompiledPrompt } from './flower/compile/to-prompt.ts';
import type { CompiledResource, CompiledResourceTemplate } from './flower/compile/to-resource.ts';

/** What a document of either format becomes. */
export type CompiledDocument = {
  id: string;
  title?: string;
  description?: string;
  tools: CompiledTool[];
  /** These are absent when there are none, as in documents compiled before they existed. */
  prompts?: CompiledPrompt[];
  resources?: CompiledResource[];
  resourceTemplates?: CompiledResourceTemplate[];
  /** Of a connector: a request that says whether credentials are right. */
  connectionTest?: Plan;
};

export type CompiledTool = { tool: Omit<Tool, 'planDigest'>; plan: Plan };

/** All problems come in one answer; there is a document only when none is an error. */
export type CompileResult = { diagnostics: Diagnostic[]; document?: CompiledDocument };

/** The instance that a connector is compiled for. */
export type ConnectorTarget = {
  /** Its workspace, or else its organization. */
  ownerId: string;
  instanceId: string;
  /** Id of the way to sign in; `none` for an instance without credentials. */
  authentication: string;
  configuration: Readonly<Record<string, string | number | boolean>>;
};

export type CompileOptions = Audience & {
  workspaceId: string;
  serverId: string;
  /** Secrets that the server has; another name is a warning. */
  secretNames: readonly string[];
  /** `host`, `host:port` or `*.host`. */
  allowedHosts: readonly string[];
  /** Arazzo: the documents that the source descriptions name. */
  references?: readonly Reference[];
  /** Arazzo: why the documents of these URLs are not among the references. */
  unavailable?: Readonly<Record<string, string>>;
  /** Arazzo: base URLs by source description, instead of those of the OpenAPI documents. */
  sourceServers?: Readonly<Record<string, string>>;
  /** Connectors: without it, there is no instance to run for. */
  connector?: ConnectorTarget;
};
