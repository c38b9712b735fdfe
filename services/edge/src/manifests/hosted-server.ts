import type { JsonObject, Manifest, Prompt, Resource, ResourceTemplate, Tool } from '@toolplane/contracts';
import { compileJsonSchema, type Validate } from '@toolplane/json-schema';
import { memoize } from '../memoize.ts';
import { type HeaderParameter, readHeaderParameters } from './header-parameters.ts';
import { discoverToolsDefinition } from './meta-tools/discover-tools.ts';
import { executeToolsDefinition } from './meta-tools/execute-tools.ts';
import { getToolSchemasDefinition } from './meta-tools/get-tool-schemas.ts';
import { manageConnectionsDefinition } from './meta-tools/manage-connections.ts';
import { type ManifestPolicies, type PolicyCheck, type ServerPolicy, toPolicies } from './policy-check.ts';
import { type PreparedLists, prepareLists } from './prepared-lists.ts';
import { compileUriTemplate, type MatchUri } from './uri-template.ts';

/** A manifest prepared for serving, once per manifest, so that everything is already compiled when a call arrives. */
export type HostedServer = {
  readonly manifest: Manifest;
  /** The server lists the meta tools, through which its own tools are found and run. */
  readonly isSmart: boolean;
  /** The server's own policy. */
  readonly policy: ServerPolicy | undefined;
  /** A policy applies to some of its tools, so callers may see different tools. */
  readonly isGuarded: boolean;
  /** The tools that clients can call by name, in addition to meta tools. */
  readonly tools: ReadonlyMap<string, HostedTool>;
  /** The server's part of the catalogue, without the tools that it took from other servers. */
  readonly ownTools: readonly HostedTool[];
  readonly prompts: ReadonlyMap<string, HostedPrompt>;
  readonly resources: ReadonlyMap<string, HostedResource>;
  readonly resourceTemplates: readonly HostedTemplate[];
  readonly lists: PreparedLists;
  /** The name that the server gives itself in either protocol era. */
  readonly serverInfo: { name: string; title: string; version: string };
};

/** A tool, prompt or resource whose plan the data plane can run. */
export type Target = {
  /** The server that the plan names: for a tool that was taken from another server, that server. */
  readonly serverId: string;
  /** The pool whose data planes run the plan: that of this server. */
  readonly pool?: string | undefined;
  /** The name in the plan. */
  readonly name: string;
  /** The toolkit in the catalogue; absent for a target outside the catalogue. */
  readonly toolkit?: string;
  readonly planDigest: string;
  readonly deadlineMs: number;
  readonly isRepeatable: boolean;
  readonly asks: boolean;
  /** The calls identify the caller. */
  readonly usesConnection: boolean;
  /** The calls state whose session with an external server they may use. */
  readonly usesSession?: true;
  /** The calls include the caller's token if the server's own issuer issued it. */
  readonly usesToken?: true;
  /** For a resource: its contents depend on the caller's `Config-` headers. */
  readonly usesConfig?: true;
  readonly inputSchema?: JsonObject;
  /**
   * Validates arguments. The schema is compiled on first use: a server with a hundred tools must not delay its first
   * client.
   */
  validate: Validate;
};

export type HostedTool = {
  readonly tool: Tool;
  readonly target: Target;
  readonly headers: readonly HeaderParameter[];
  /** The policies that apply to the tool; most tools have none. */
  readonly checks: readonly PolicyCheck[];
};
/** `completion` is the plan that completes arguments, used instead of declared values. */
export type HostedPrompt = {
  readonly prompt: Prompt;
  readonly target: Target;
  readonly checks: readonly PolicyCheck[];
  readonly completion: Target | undefined;
};
export type HostedResource = {
  readonly resource: Resource;
  readonly target: Target;
  readonly checks: readonly PolicyCheck[];
};
export type HostedTemplate = {
  readonly template: ResourceTemplate;
  readonly target: Target;
  readonly checks: readonly PolicyCheck[];
  /** Returns the inputs of the plan for a URI. */
  readonly match: MatchUri;
  readonly completion: Target | undefined;
};

/** All tools that a server in mode SMART lists. */
const metaToolDefinitions = [
  discoverToolsDefinition,
  getToolSchemasDefinition,
  executeToolsDefinition,
  manageConnectionsDefinition,
];

/** Manifests are immutable and shared, so the manifest itself is the cache key. */
export const toHostedServer: (manifest: Manifest) => HostedServer = memoize(prepareServer);

function prepareServer(manifest: Manifest): HostedServer {
  const { slug: name, title, revision, prompts = [], resources = [], resourceTemplates = [] } = manifest;
  const serverInfo = { name, title, version: String(revision) };
  const isSmart = manifest.mode === 'smart';
  const policies = toPolicies(manifest);
  const tools = manifest.tools.map((tool) => toHostedTool(tool, manifest, policies.checksOf(tool)));
  const isGuarded = tools.some(({ checks }) => checks.length > 0);
  return {
    manifest,
    serverInfo,
    isSmart,
    isGuarded,
    policy: policies.own,
    tools: isSmart ? new Map() : byName(tools),
    ownTools: tools.filter(({ tool }) => tool.origin === undefined),
    prompts: new Map(prompts.map((prompt) => [prompt.name, toHostedPrompt(prompt, manifest, policies)])),
    resources: new Map(resources.map((resource) => [resource.uri, toHostedResource(resource, manifest, policies)])),
    resourceTemplates: resourceTemplates.map((template) => toHostedTemplate(template, manifest, policies)),
    lists: prepareLists(manifest, serverInfo, {
      tools: isSmart ? metaToolDefinitions : manifest.tools,
      isForEverybody: manifest.isPublic && (isSmart || !isGuarded),
    }),
  };
}

/** Returns the same server with only some of its tools. */
export function withTools(server: HostedServer, some: readonly HostedTool[]): HostedServer {
  return { ...server, tools: byName(some), lists: relist(server, some, server.manifest) };
}

/** Returns the same server with only some of its tools, and without prompts and resources. */
export function withToolsOnly(server: HostedServer, some: readonly HostedTool[]): HostedServer {
  const { prompts: _, resources: __, resourceTemplates: ___, ...manifest } = server.manifest;
  const lists = relist(server, some, manifest);
  return { ...server, tools: byName(some), prompts: new Map(), resources: new Map(), resourceTemplates: [], lists };
}

/** Prepares the lists again. They are no longer the same for everybody. */
function relist({ isSmart, serverInfo }: HostedServer, some: readonly HostedTool[], manifest: Manifest): PreparedLists {
  const tools = isSmart ? metaToolDefinitions : some.map(({ tool }) => tool);
  return prepareLists(manifest, serverInfo, { tools, isForEverybody: false });
}

function byName(tools: readonly HostedTool[]): ReadonlyMap<string, HostedTool> {
  return new Map(tools.map((hostedTool) => [hostedTool.tool.name, hostedTool]));
}

/** The server that the plans belong to. */
type Home = Pick<Manifest, 'serverId' | 'pool'>;
/** A plan of that server, by name. */
type NamedPlan = Pick<Target, 'serverId' | 'pool' | 'name'> & { toolkit?: string | undefined };

function toHostedTool(tool: Tool, { serverId, pool }: Home, checks: readonly PolicyCheck[]): HostedTool {
  const { name, toolkit, origin = { serverId, pool, name } } = tool;
  const target = toTarget({ ...origin, toolkit }, tool, tool.inputSchema);
  return { tool, target, headers: readHeaderParameters(tool.inputSchema), checks };
}

function toHostedPrompt(prompt: Prompt, { serverId, pool }: Home, { checksOfPlan }: ManifestPolicies): HostedPrompt {
  const required = prompt.arguments.filter((argument) => argument.required).map((argument) => argument.name);
  const plan = { serverId, pool, name: `prompt:${prompt.name}` };
  const target = toTarget(plan, prompt, schemaOfTexts(prompt.arguments, required));
  return { prompt, target, checks: checksOfPlan(plan.name, prompt), completion: toCompletion(plan, prompt) };
}

function toHostedResource(
  resource: Resource,
  { serverId, pool }: Home,
  { checksOfPlan }: ManifestPolicies,
): HostedResource {
  const name = `resource:${resource.uri}`;
  const target = toTarget({ serverId, pool, name }, resource, schemaOfTexts([], []));
  return { resource, target, checks: checksOfPlan(name, resource) };
}

function toHostedTemplate(
  template: ResourceTemplate,
  { serverId, pool }: Home,
  { checksOfPlan }: ManifestPolicies,
): HostedTemplate {
  const { uriTemplate, variables, takesUri } = template;
  const inputs = takesUri ? [{ name: 'uri' }] : variables;
  const schema = schemaOfTexts(
    inputs,
    inputs.map((input) => input.name),
  );
  const plan = { serverId, pool, name: `resource:${uriTemplate}` };
  const match = compileUriTemplate(uriTemplate);
  return {
    template,
    target: toTarget(plan, template, schema),
    checks: checksOfPlan(plan.name, template),
    completion: toCompletion(plan, template),
    match: takesUri ? (uri) => (match(uri) === undefined ? undefined : { uri }) : match,
  };
}

/** A completion has no effects, so its plan may be run twice, and it asks the client nothing. */
function toCompletion(
  plan: NamedPlan,
  { completion, usesSession }: Pick<Prompt, 'completion' | 'usesSession'>,
): Target | undefined {
  if (completion === undefined) return undefined;
  const { planDigest, deadlineMs } = completion;
  return toTarget(plan, { planDigest, deadlineMs, usesSession, isRepeatable: true }, { type: 'object' });
}

type Runnable = Pick<
  Resource,
  'planDigest' | 'deadlineMs' | 'asks' | 'isRepeatable' | 'usesConnection' | 'usesSession' | 'usesToken' | 'usesConfig'
>;

function toTarget(
  { serverId, pool, name, toolkit }: NamedPlan,
  { planDigest, deadlineMs, asks, isRepeatable, usesConnection, usesSession, usesToken, usesConfig }: Runnable,
  schema: JsonObject,
): Target {
  const target: Target = {
    serverId,
    pool,
    name,
    ...(toolkit === undefined ? {} : { toolkit }),
    planDigest,
    deadlineMs,
    inputSchema: schema,
    asks: asks === true,
    usesConnection: usesConnection === true,
    ...(usesSession === undefined ? {} : { usesSession }),
    ...(usesToken === undefined ? {} : { usesToken }),
    ...(usesConfig === undefined ? {} : { usesConfig }),
    isRepeatable: isRepeatable === true,
    validate: (value) => {
      target.validate = compileJsonSchema(schema);
      return target.validate(value);
    },
  };
  return target;
}

/** Returns a schema for prompt arguments or resource variables, which are texts. */
function schemaOfTexts(properties: readonly { name: string }[], required: readonly string[]): JsonObject {
  return {
    type: 'object',
    properties: Object.fromEntries(properties.map(({ name }) => [name, { type: 'string' }])),
    required: [...required],
    additionalProperties: false,
  };
}
