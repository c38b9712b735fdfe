import type { Diagnostic, Plan, Tool } from '@toolplane/contracts';
import type { Reference } from './arazzo/sources/reference.ts';
import type { Audience } from './ergonomics/check-tools.ts';
import type { CompiledPrompt } from './flower/compile/to-prompt.ts';
import type { CompiledResource, CompiledResourceTemplate } from './flower/compile/to-resource.ts';

/** The result of compiling a document of any format. */
export type CompiledDocument = {
  id: string;
  title?: string;
  description?: string;
  tools: CompiledTool[];
  /** Absent if empty, as in documents that were compiled before these members existed. */
  prompts?: CompiledPrompt[];
  resources?: CompiledResource[];
  resourceTemplates?: CompiledResourceTemplate[];
  /** For a connector: a request that shows whether credentials are valid. */
  connectionTest?: Plan;
};

export type CompiledTool = { tool: Omit<Tool, 'planDigest'>; plan: Plan };

/** All problems, reported together. The document is present only if none of them is an error. */
export type CompileResult = { diagnostics: Diagnostic[]; document?: CompiledDocument };

/** The instance for which a connector is compiled. */
export type ConnectorTarget = {
  /** The id of the workspace of the instance, or else of its organization. */
  ownerId: string;
  instanceId: string;
  /** The id of the way to sign in; `none` for an instance without credentials. */
  authentication: string;
  configuration: Readonly<Record<string, string | number | boolean>>;
};

export type CompileOptions = Audience & {
  workspaceId: string;
  serverId: string;
  /** The secrets of the server; any other name causes a warning. */
  secretNames: readonly string[];
  /** Each entry is `host`, `host:port` or `*.host`. */
  allowedHosts: readonly string[];
  /** For Arazzo: the documents that the source descriptions name. */
  references?: readonly Reference[];
  /** For Arazzo: the reasons why the documents of these URLs are missing from the references. */
  unavailable?: Readonly<Record<string, string>>;
  /** For Arazzo: base URLs by source description, which replace those of the OpenAPI documents. */
  sourceServers?: Readonly<Record<string, string>>;
  /** For connectors: the instance to compile for, if any. */
  connector?: ConnectorTarget;
};
