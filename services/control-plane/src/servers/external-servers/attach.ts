import type { CompiledDocument, CompiledTool } from '@toolplane/compiler';
import { type ExternalServer, listNarrowingInputs, type Plan, type PlanExternal } from '@toolplane/contracts';
import { toHeaderTemplates } from './header-templates.ts';
import { nameExternalTools } from './name-external.ts';
import { openOutputSchema } from './open-output-schema.ts';
import { type ReviewedTool, reviewTools, type VisibleTool } from './review.ts';
import { type AttachedServer, toSignInRef } from './store.ts';

type WithCompletion<Compiled> = Compiled & {
  /** The plan that completes the arguments. */
  completionPlan?: Plan;
};
export type AttachedTool = CompiledTool & { toolkit: string; nameInToolkit: string };
export type AttachedPrompt = WithCompletion<NonNullable<CompiledDocument['prompts']>[number]>;
export type AttachedResource = NonNullable<CompiledDocument['resources']>[number];
export type AttachedResourceTemplate = WithCompletion<NonNullable<CompiledDocument['resourceTemplates']>[number]>;

/** The description of a tool of an external server. */
export type ShownTool = Omit<ReviewedTool, 'offered'> & { exposedAs: string | null };

/** What a server offers from its external servers, with the plans that call these. */
export type Attachment = {
  tools: AttachedTool[];
  prompts: AttachedPrompt[];
  resources: AttachedResource[];
  resourceTemplates: AttachedResourceTemplate[];
  /** For each external server, by name: the state of its tools, and the prompts and resources that are not offered. */
  reports: ReadonlyMap<string, { tools: ShownTool[]; leftOut: ExternalServer['leftOut'] }>;
};

type Owner = { id: string; workspaceId: string };

/** `own` is what the server runs itself; it keeps its names. Among external servers, the first one has precedence. */
export function attach(
  owner: Owner,
  own: CompiledDocument | undefined,
  servers: readonly AttachedServer[],
): Attachment {
  const reviews = new Map(servers.map((server) => [server.name, reviewTools(server)]));
  const names = nameExternalTools(
    (own?.tools ?? []).map(({ tool }) => tool.name),
    servers.map(({ name, prefix }) => ({ name, prefix, tools: (reviews.get(name) ?? []).map((tool) => tool.name) })),
  );
  const taken = {
    prompts: new Set((own?.prompts ?? []).map(({ prompt }) => prompt.name)),
    uris: new Set([
      ...(own?.resources ?? []).map(({ resource }) => resource.uri),
      ...(own?.resourceTemplates ?? []).map(({ resourceTemplate }) => resourceTemplate.uriTemplate),
    ]),
  };
  const reports = new Map<string, { tools: ShownTool[]; leftOut: ExternalServer['leftOut'] }>();
  const attachment: Attachment = { tools: [], prompts: [], resources: [], resourceTemplates: [], reports };
  for (const server of servers) {
    const tools: ShownTool[] = [];
    for (const { offered, ...reviewed } of reviews.get(server.name) ?? []) {
      const named = names.get(server.name, reviewed.name);
      if ('reason' in named) tools.push({ ...reviewed, status: 'left_out', exposedAs: null, ...named });
      else {
        tools.push({ ...reviewed, exposedAs: offered === undefined ? null : named.exposedAs });
        if (offered !== undefined) attachment.tools.push(toTool(owner, server, offered, named.exposedAs));
      }
    }
    reports.set(server.name, { tools, leftOut: attachOthers(owner, server, attachment, taken) });
  }
  return attachment;
}

/** Attaches prompts and resources. Returns those that are left out. */
function attachOthers(
  owner: Owner,
  server: AttachedServer,
  { prompts, resources, resourceTemplates }: Attachment,
  taken: { prompts: Set<string>; uris: Set<string> },
): ExternalServer['leftOut'] {
  const { declared, prefix } = server;
  if (declared === null || server.tools.length === 0) return [];
  const leftOut = declared.leftOut.filter(({ kind }) => kind !== 'tool');
  const isFree = (names: Set<string>, name: string, what: Pick<ExternalServer['leftOut'][number], 'kind' | 'name'>) => {
    if (!names.has(name)) return Boolean(names.add(name));
    leftOut.push({ ...what, reason: `The server already has ${name}` });
    return false;
  };
  const plan = (tool: string, target: PlanExternal['target']) => toPlan(owner, server, tool, target);
  const completion = (tool: string, ref: Extract<PlanExternal['target'], { kind: 'completion' }>['ref']) =>
    declared.completes ? { completionPlan: plan(tool, { kind: 'completion', ref }) } : {};

  for (const { name, digest: _, flags: __, ...prompt } of declared.prompts) {
    const exposedAs = prefix + name;
    if (!isFree(taken.prompts, exposedAs, { kind: 'prompt', name })) continue;
    const tool = `prompt:${exposedAs}`;
    prompts.push({
      prompt: { ...prompt, name: exposedAs, ...runnable(server), ...unreviewed },
      plan: plan(tool, { kind: 'prompt', name }),
      ...(prompt.arguments.length > 0 && completion(tool, { type: 'ref/prompt', name })),
    });
  }
  for (const { digest: _, flags: __, ...resource } of declared.resources) {
    const { uri } = resource;
    if (!isFree(taken.uris, uri, { kind: 'resource', name: uri })) continue;
    resources.push({
      resource: { ...resource, ...runnable(server), ...unreviewed },
      plan: plan(`resource:${uri}`, { kind: 'resource', uri }),
    });
  }
  for (const { digest: _, flags: __, variables, ...template } of declared.resourceTemplates) {
    const { uriTemplate } = template;
    if (!isFree(taken.uris, uriTemplate, { kind: 'resourceTemplate', name: uriTemplate })) continue;
    const tool = `resource:${uriTemplate}`;
    resourceTemplates.push({
      resourceTemplate: {
        ...template,
        variables: variables.map((name) => ({ name })),
        takesUri: true as const,
        ...runnable(server),
        ...unreviewed,
      },
      plan: plan(tool, { kind: 'resource' }),
      ...(variables.length > 0 && completion(tool, { type: 'ref/resource', uri: uriTemplate })),
    });
  }
  return leftOut;
}

function toTool(owner: Owner, server: AttachedServer, tool: VisibleTool, exposedAs: string): AttachedTool {
  const { name, digest: _, flags: __, parameterHeaders, outputSchema, ...shown } = tool;
  const { readOnlyHint, idempotentHint } = tool.annotations ?? {};
  const narrowingInputs = listNarrowingInputs(tool.inputSchema, { isPaged: false });
  const target = {
    kind: 'tool' as const,
    name,
    ...(parameterHeaders && { parameterHeaders }),
    ...(outputSchema && { outputSchema }),
  };
  return {
    tool: {
      ...shown,
      name: exposedAs,
      toolkit: server.toolkit,
      ...(exposedAs !== name && { nameInToolkit: name }),
      ...(outputSchema && { outputSchema: openOutputSchema(outputSchema) }),
      ...runnable(server),
      ...(server.allow.length > 0 && { runsUnasked: true as const }),
      // If an external server declares these hints wrongly, only its own tool may be called twice.
      isRepeatable: readOnlyHint === true || idempotentHint === true,
    },
    plan: {
      ...toPlan(owner, server, exposedAs, target),
      ...(narrowingInputs.length > 0 && { narrowingInputs }),
    },
    toolkit: server.toolkit,
    nameInToolkit: name,
  };
}

/** According to MCP, prompts and resources can be read twice. Nobody has reviewed whether this changes something. */
const unreviewed = { isRepeatable: true };

/**
 * The protocol version determines how an external server asks the client: before its answer, or during the call. Modern
 * servers have no sessions.
 */
function runnable({ timeoutMs, allow, declared }: AttachedServer) {
  return {
    deadlineMs: timeoutMs,
    ...(allow.length > 0 && { asks: true as const }),
    ...(declared?.era !== 'modern' && { usesSession: true as const }),
  };
}

function toPlan(
  { id, workspaceId }: Owner,
  server: AttachedServer,
  tool: string,
  target: PlanExternal['target'],
): Plan {
  const { name: serverName, url, transport, timeoutMs, outputBytesMax, declared, headers, allow } = server;
  const known = declared ?? { ...(transport && { transport }) };
  return {
    version: 1,
    workspaceId,
    serverId: id,
    tool,
    allowedHosts: [],
    deadlineMs: timeoutMs,
    outputBytesMax,
    external: {
      serverName,
      url,
      ...(known.transport && { transport: known.transport }),
      ...('era' in known && { era: known.era }),
      ...toHeaderTemplates(headers),
      ...(server.signedInAt !== null && { signIn: toSignInRef(server) }),
      allow,
      target,
    },
    steps: [],
    outputs: [],
    analytics: [],
  };
}
