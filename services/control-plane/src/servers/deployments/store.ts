import type { CompiledDocument } from '@toolplane/compiler';
import type { AppError, ErrorCode } from '@toolplane/contracts';
import type { Prisma } from '../../generated/client.ts';
import type { Transaction } from '../../platform/database/database.ts';
import { toLikeLiteral } from '../../platform/database/like-literal.ts';
import type { DocumentSource } from '../documents/documents.ts';
import type { KeptReference } from '../documents/reference.ts';

export type Deployment = {
  id: string;
  serverId: string;
  /** `deployed` means that the deployment ran and was superseded. */
  state: 'deploying' | 'active' | 'deployed' | 'errored';
  /** The reason for the state `errored`, as shown to the person who deployed; null also for old deployments. */
  error: DeploymentError | null;
  createdAt: string;
};

export type DeploymentError = { code: ErrorCode; message: string; details?: unknown };

/** The result of compiling a deployment, and the servers of its sources. */
export type Compilation = { compiled: string; digest: string; sourceServers: string };

type Owner = { workspaceId: string; serverId: string };
type NewDeployment = Owner & Compilation & DocumentSource & { id: string };

const summary = {
  id: true,
  serverId: true,
  state: true,
  error: true,
  createdAt: true,
  activeOn: { select: { id: true } },
} as const;
type Summary = Prisma.DeploymentGetPayload<{ select: typeof summary }>;

export async function insertDeployment(tx: Transaction, deployment: NewDeployment): Promise<void> {
  const { references, ...rest } = deployment;
  for (const reference of references) await insertSource(tx, deployment, reference);
  const kept = references.map(({ content, ...reference }) => reference);
  await tx.deployment.createMany({ data: { ...rest, references: JSON.stringify(kept) } });
}

/**
 * Inserts each document with its own statement, because documents can be large. Documents of earlier deployments are
 * not written again.
 */
async function insertSource(
  tx: Transaction,
  { workspaceId, serverId }: Owner,
  { content, sha256 = '' }: KeptReference,
) {
  const id = { workspaceId, serverId, sha256 };
  if ((await tx.source.count({ where: id })) === 0) {
    await tx.source.createMany({ data: { ...id, content }, skipDuplicates: true });
  }
}

/** Returns the newest deployments first. */
export async function listDeployments(
  tx: Transaction,
  { serverId, page, limit }: { serverId: string; page: number; limit: number },
) {
  const rows = await tx.deployment.findMany({
    where: { serverId },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    skip: (page - 1) * limit,
    take: limit,
    select: summary,
  });
  return { items: rows.map(toDeployment), total: await tx.deployment.count({ where: { serverId } }) };
}

export async function findDeployment(
  tx: Transaction,
  { serverId, id }: { serverId: string; id: string },
): Promise<(Deployment & Pick<Compilation, 'sourceServers'>) | undefined> {
  const row = await tx.deployment.findFirst({ where: { id, serverId }, select: { ...summary, sourceServers: true } });
  return row === null ? undefined : { ...toDeployment(row), sourceServers: row.sourceServers };
}

/** The document of an existing deployment, with all documents to which it refers. */
export async function readSource(tx: Transaction, id: string): Promise<DocumentSource> {
  const { serverId, definition, references } = await tx.deployment.findUniqueOrThrow({
    where: { id },
    select: { serverId: true, definition: true, references: true },
  });
  const kept = JSON.parse(references) as (Omit<KeptReference, 'content'> & { content?: string })[];
  const sha256s = kept.flatMap(({ sha256 }) => sha256 ?? []);
  const sources = await tx.source.findMany({ where: { serverId, sha256: { in: sha256s } } });
  const contents = new Map(sources.map(({ sha256, content }) => [sha256, content]));
  const contentOf = ({ sha256 = '', content = contents.get(sha256) ?? '' }: (typeof kept)[number]) => content;
  return { definition, references: kept.map((reference) => ({ ...reference, content: contentOf(reference) })) };
}

/** Reads from the deployment that runs. */
export async function findActiveDigest(tx: Transaction, serverId: string): Promise<string | undefined> {
  const row = await tx.deployment.findFirst({ where: { activeOn: { id: serverId } }, select: { digest: true } });
  return row?.digest;
}

export async function readCompiled(tx: Transaction, id: string): Promise<string> {
  const { compiled } = await tx.deployment.findUniqueOrThrow({ where: { id }, select: { compiled: true } });
  return compiled;
}

/** More deployments are kept, but older ones are not searched. */
const EARLIER_MAX = 50;

/**
 * Yields the compiled documents of the last deployments that contain something of this name, newest first; they are
 * read one at a time, because each can be large.
 */
export async function* readCompiledWith(
  tx: Transaction,
  { serverId, tool }: { serverId: string; tool: string },
): AsyncGenerator<string> {
  const rows = await tx.deployment.findMany({
    where: { serverId, compiled: { contains: toLikeLiteral(`"tool":${JSON.stringify(tool)}`) } },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: EARLIER_MAX,
    select: { id: true },
  });
  for (const { id } of rows) yield await readCompiled(tx, id);
}

/** Reads from the deployment that runs. */
export async function findActiveCompiled(tx: Transaction, serverId: string): Promise<CompiledDocument | undefined> {
  const row = await tx.deployment.findFirst({ where: { activeOn: { id: serverId } }, select: { compiled: true } });
  return row === null ? undefined : (JSON.parse(row.compiled) as CompiledDocument);
}

export async function saveCompilation(tx: Transaction, id: string, compilation: Compilation): Promise<void> {
  await tx.deployment.update({ where: { id }, data: compilation, select: { id: true } });
}

export async function activateDeployment(tx: Transaction, { serverId, id }: { serverId: string; id: string }) {
  await tx.deployment.update({ where: { id }, data: { state: 'deployed', error: null }, select: { id: true } });
  await tx.server.update({ where: { id: serverId }, data: { activeDeploymentId: id }, select: { id: true } });
}

/** The server runs nothing afterwards. */
export async function deactivate(tx: Transaction, serverId: string): Promise<void> {
  await tx.server.update({ where: { id: serverId }, data: { activeDeploymentId: null }, select: { id: true } });
}

/** The deployment that runs, if it has this digest. */
export async function findActiveId(tx: Transaction, serverId: string, digest: string): Promise<string | undefined> {
  const row = await tx.deployment.findFirst({ where: { activeOn: { id: serverId }, digest }, select: { id: true } });
  return row?.id;
}

export async function failDeployment(tx: Transaction, id: string, why: AppError): Promise<void> {
  const { code, message, details } = why;
  const error = JSON.stringify({ code, message, details } satisfies DeploymentError);
  await tx.deployment.updateMany({ where: { id, state: 'deploying' }, data: { state: 'errored', error } });
}

export async function discardDeployment(tx: Transaction, id: string): Promise<void> {
  await tx.deployment.delete({ where: { id }, select: { id: true } });
}

function toDeployment({ id, serverId, state, error, createdAt, activeOn }: Summary): Deployment {
  return {
    id,
    serverId,
    state: activeOn === null ? state : 'active',
    error: error === null ? null : (JSON.parse(error) as DeploymentError),
    createdAt: createdAt.toISOString(),
  };
}

export type UnlistedServer = { id: string; createdAt: Date; compiled: string };

/** Locks and returns the next servers by age that run a deployment but have no tool in the catalogue. */
export function lockUnlisted(tx: Transaction, after: Pick<UnlistedServer, 'id' | 'createdAt'>, limit: number) {
  return tx.$queryRaw<UnlistedServer[]>`
    SELECT s.id, s.created_at AS "createdAt", d.compiled
    FROM servers s JOIN deployments d ON d.id = s.active_deployment_id
    WHERE (s.created_at, s.id) > (${after.createdAt}, ${after.id}) AND NOT s.is_stopped
      AND NOT EXISTS (SELECT 1 FROM tools t WHERE t.server_id = s.id)
    ORDER BY s.created_at, s.id LIMIT ${limit} FOR UPDATE OF s`;
}
