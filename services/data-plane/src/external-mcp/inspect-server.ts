import { type ExternalServer, externalLimits, externalServerSchema, type Json } from '@toolplane/contracts';
import { UpstreamError } from '../egress/upstream-error.ts';
import { cleanPrompt } from './clean-prompt.ts';
import { cleanResource, cleanResourceTemplate } from './clean-resource.ts';
import { cleanText } from './clean-text.ts';
import { cleanTool } from './clean-tool.ts';
import type { ExternalConnection } from './connection.ts';
import type { ConnectionPool } from './connection-pool.ts';
import { cleanDeclared, type Declared, type DeclaredKind } from './declared.ts';
import type { ExternalTarget } from './external-target.ts';
import { listAll } from './list-all.ts';

/**
 * Asks an external MCP server what it declares, and returns what may be shown of it: cleaned and within limits, with
 * everything else named together with the reason. No tool is called. `redact` masks the values that were sent to the
 * server, before anything is cut or hashed.
 */
export async function inspectServer(
  pool: ConnectionPool,
  target: ExternalTarget,
  { signal, redact }: { signal: AbortSignal; redact(value: Json): Json },
): Promise<ExternalServer> {
  const endsAt = performance.now() + externalLimits.inspectMsMax;
  const limits = () => ({ timeoutMs: Math.max(endsAt - performance.now(), 1), signal });
  const { connection, transport } = await connect(pool, target, limits);
  try {
    return externalServerSchema.parse(await describe(connection, transport, { limits, redact }));
  } finally {
    void connection.close();
  }
}

type LimitsNow = () => { timeoutMs: number; signal: AbortSignal };

/** Tries Streamable HTTP first, as MCP requires of clients; a server that refuses it may use HTTP+SSE. */
async function connect(
  pool: ConnectionPool,
  target: ExternalTarget,
  limits: LimitsNow,
): Promise<{ connection: ExternalConnection; transport: 'http' | 'sse' }> {
  if (target.transport !== undefined) {
    // No modern server uses HTTP+SSE, and not every server tolerates a request that it does not know.
    const known = target.transport === 'sse' ? { ...target, era: 'legacy' as const } : target;
    return { connection: await pool.open(known, limits()), transport: target.transport };
  }
  try {
    return { connection: await pool.open({ ...target, transport: 'http' }, limits()), transport: 'http' };
  } catch (thrown) {
    if (!isRefusal(thrown)) throw thrown;
    const sse = { ...target, transport: 'sse', era: 'legacy' } as const;
    return { connection: await pool.open(sse, limits()).catch(() => Promise.reject(thrown)), transport: 'sse' };
  }
}

function isProtocolError(thrown: unknown): boolean {
  return thrown instanceof UpstreamError && thrown.isAnswered && thrown.status === undefined;
}

const REFUSALS = new Set<unknown>([400, 404, 405]);

function isRefusal(thrown: unknown): boolean {
  return thrown instanceof UpstreamError && REFUSALS.has(thrown.status);
}

async function describe(
  connection: ExternalConnection,
  transport: 'http' | 'sse',
  { limits, redact }: { limits: LimitsNow; redact(value: Json): Json },
): Promise<Json> {
  const { client, era } = connection;
  const { name = '', title, version = '' } = client.getServerVersion() ?? {};
  const capabilities = client.getServerCapabilities() ?? {};
  const instructions = client.getInstructions();
  const line = (text: string) =>
    cleanText(String(redact(text)), { lengthMax: externalLimits.titleLengthMax, isOneLine: true }).text;
  const leftOut: ExternalServer['leftOut'] = [];

  async function list<Item>(
    method: string,
    member: string,
    kind: DeclaredKind,
    clean: (it: Declared) => Item,
  ): Promise<Item[]> {
    try {
      const { items, isCut } = await listAll(connection, method, member, limits);
      const declared = await cleanDeclared(items, kind, redact, clean);
      leftOut.push(...declared.leftOut);
      if (isCut) leftOut.push({ kind, name: '…', reason: 'There are more, or their total size is too large' });
      return declared.kept;
    } catch (thrown) {
      if (kind === 'tool' || !isProtocolError(thrown)) throw thrown;
      // Servers that have resources need not support templates, so this is not reported.
      if (kind !== 'resourceTemplate') leftOut.push({ kind, name: '…', reason: 'The server does not list them' });
      return [];
    }
  }

  const tools = capabilities.tools === undefined ? [] : await list('tools/list', 'tools', 'tool', cleanTool);
  const prompts =
    capabilities.prompts === undefined ? [] : await list('prompts/list', 'prompts', 'prompt', cleanPrompt);
  const hasResources = capabilities.resources !== undefined;
  const resources = hasResources ? await list('resources/list', 'resources', 'resource', cleanResource) : [];
  const resourceTemplates = hasResources
    ? await list('resources/templates/list', 'resourceTemplates', 'resourceTemplate', cleanResourceTemplate)
    : [];
  return {
    era,
    transport,
    serverInfo: {
      name: line(name),
      ...(title === undefined ? {} : { title: line(title) }),
      version: line(version),
    },
    ...(instructions === undefined
      ? {}
      : {
          instructions: cleanText(String(redact(instructions)), { lengthMax: externalLimits.instructionsLengthMax })
            .text,
        }),
    ...(capabilities.completions === undefined ? {} : { completes: true }),
    tools,
    prompts,
    resources,
    resourceTemplates,
    leftOut,
  } as Json;
}
