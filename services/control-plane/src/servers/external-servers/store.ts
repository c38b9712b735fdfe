import {
  type CredentialRef,
  type ExternalQuestion,
  type ExternalServer,
  externalQuestions,
} from '@toolplane/contracts';
import type { ExternalServer as Row } from '../../generated/client.ts';
import type { Tenant, Transaction } from '../../platform/database/database.ts';
import type { Header } from './header-templates.ts';
import type { Pin } from './review.ts';

/** An external MCP server that a server of a workspace has attached. */
export type AttachedServer = {
  id: string;
  workspaceId: string;
  serverId: string;
  name: string;
  /** Slug of the toolkit with its tools in the catalogue. */
  toolkit: string;
  url: string;
  headers: Header[];
  /** Names of tools, or `*` alone. */
  tools: string[];
  prefix: string;
  pin: 'review' | 'strict';
  transport: 'http' | 'sse' | null;
  /** What the server may ask clients for. */
  allow: ExternalQuestion[];
  timeoutMs: number;
  /** Maximum size of the output that a call may return to an agent. */
  outputBytesMax: number;
  declared: ExternalServer | null;
  pins: readonly Pin[];
} & ExternalServerHealth &
  ExternalServerSignIn;

/** The platform's sign-in to an external server, for all callers of its tools. */
export type ExternalServerSignIn = {
  /** Null if calls carry no token. */
  signedInAt: Date | null;
  signInIssuer: string | null;
  signInScope: string | null;
  /** Set once a sign-in was started, because tokens may then be in the secret store. */
  mayHoldTokens: boolean;
};

export const NO_SIGN_IN: ExternalServerSignIn = {
  signedInAt: null,
  signInIssuer: null,
  signInScope: null,
  mayHoldTokens: false,
};

/** Result of the last check. */
export type ExternalServerHealth = {
  state: 'ok' | 'unreachable' | 'failed';
  message: string | null;
  /** Number of consecutive failures. */
  failures: number;
  checkedAt: Date | null;
  nextCheckAt: Date;
  /** Set if the server refused the check because nobody is signed in, or the token has insufficient scopes. */
  wantsSignIn: boolean;
};

/** What a check found. */
export type Findings = Pick<AttachedServer, 'declared' | 'pins'>;

/** Lists the external servers in their order. */
export async function listAttached(tx: Transaction, serverId: string): Promise<AttachedServer[]> {
  const rows = await tx.externalServer.findMany({ where: { serverId }, orderBy: { position: 'asc' } });
  return rows.map(toAttached);
}

export async function findAttached(tx: Transaction, id: string): Promise<AttachedServer | undefined> {
  const row = await tx.externalServer.findUnique({ where: { id } });
  return row === null ? undefined : toAttached(row);
}

/** Attaches exactly these external servers, in this order. */
export async function replaceAttached(
  tx: Transaction,
  serverId: string,
  attached: readonly AttachedServer[],
): Promise<void> {
  await noteTokenRemovals(tx, serverId, new Set(attached.map(({ id }) => id)));
  await tx.externalServer.deleteMany({ where: { serverId } });
  const data = attached.map(({ headers, declared, pins, ...server }, position) => ({
    ...server,
    position,
    headers: JSON.stringify(headers),
    ...toTexts({ declared, pins }),
  }));
  await tx.externalServer.createMany({ data });
}

export async function saveHealth(tx: Transaction, id: string, health: ExternalServerHealth): Promise<void> {
  await tx.externalServer.updateMany({ where: { id }, data: health });
}

export async function saveSignIn(tx: Transaction, id: string, signIn: ExternalServerSignIn): Promise<void> {
  await tx.externalServer.updateMany({ where: { id }, data: { ...signIn, failures: 0, nextCheckAt: new Date() } });
}

/**
 * Records the removal of all external servers that are about to be deleted, so that their tokens are deleted from the
 * secret store. Those in `kept` are excluded.
 */
export async function noteTokenRemovals(
  tx: Transaction,
  serverId: string,
  kept: ReadonlySet<string> = new Set(),
): Promise<void> {
  const server = await tx.server.findUnique({ where: { id: serverId }, select: { pool: true } });
  const where = { serverId, mayHoldTokens: true };
  const rows = await tx.externalServer.findMany({ where, select: { id: true, workspaceId: true } });
  const data = rows
    .filter(({ id }) => !kept.has(id))
    .map(({ id, workspaceId }) => ({
      instanceId: id,
      ownerId: workspaceId,
      pool: server?.pool ?? null,
      refs: TOKEN_REFS,
    }));
  await tx.credentialRemoval.createMany({ data, skipDuplicates: true });
}

/** Covers all tokens for one external server. */
const TOKEN_REFS = JSON.stringify([{ scope: 'workspace' }]);

/** Identifies the tokens of an external server in the secret store. */
export function toSignInRef({ workspaceId, id }: Pick<AttachedServer, 'workspaceId' | 'id'>): CredentialRef {
  return { ownerId: workspaceId, instanceId: id, scope: 'workspace' };
}

export async function saveFindings(tx: Transaction, id: string, findings: Findings): Promise<void> {
  await tx.externalServer.updateMany({ where: { id }, data: toTexts(findings) });
}

export type Due = { id: string; serverId: string; tenant: Tenant };

/** Makes the failing external servers of a server due, because the reason for their failures may be resolved. */
export async function makeDue(tx: Transaction, serverId: string): Promise<void> {
  await tx.externalServer.updateMany({
    where: { serverId, state: { not: 'ok' } },
    data: { failures: 0, nextCheckAt: new Date() },
  });
}

/**
 * Runs as the platform. Takes the external server that has been due for the longest time. Skips servers that are
 * stopped and workspaces in `busy`. Until `until`, no process takes it again.
 */
export async function takeDue(tx: Transaction, until: Date, busy: readonly string[]): Promise<Due | undefined> {
  const rows = await tx.$queryRaw<{ id: string; serverId: string; organizationId: string; workspaceId: string }[]>`
    UPDATE external_servers e SET next_check_at = ${until}
    FROM workspaces w
    WHERE w.id = e.workspace_id AND e.id IN (
      SELECT d.id FROM external_servers d JOIN servers s ON s.id = d.server_id
      WHERE d.next_check_at <= now() AND NOT s.is_stopped AND d.workspace_id <> ALL(${busy}::text[])
      ORDER BY d.next_check_at LIMIT 1 FOR UPDATE OF d SKIP LOCKED)
    RETURNING e.id, e.server_id AS "serverId", w.organization_id AS "organizationId", w.id AS "workspaceId"`;
  const [taken] = rows.map(({ id, serverId, ...tenant }) => ({ id, serverId, tenant }));
  return taken;
}

function toTexts({ declared, pins }: Findings) {
  return { declared: declared === null ? null : JSON.stringify(declared), pins: JSON.stringify(pins) };
}

function toAttached({ headers, declared, pins, ...row }: Row): AttachedServer {
  const { id, workspaceId, serverId, name, toolkit, url, tools, prefix, pin, timeoutMs, outputBytesMax } = row;
  const { state, message, failures, checkedAt, nextCheckAt, wantsSignIn } = row;
  const { signedInAt, signInIssuer, signInScope, mayHoldTokens } = row;
  return {
    id,
    workspaceId,
    serverId,
    name,
    toolkit,
    url,
    tools,
    prefix,
    pin,
    timeoutMs,
    outputBytesMax,
    state,
    message,
    failures,
    checkedAt,
    nextCheckAt,
    wantsSignIn,
    signedInAt,
    signInIssuer,
    signInScope,
    mayHoldTokens,
    transport: row.transport === 'http' || row.transport === 'sse' ? row.transport : null,
    headers: JSON.parse(headers) as Header[],
    allow: externalQuestions.filter((it) => row.allow.includes(it)),
    declared: declared === null ? null : (JSON.parse(declared) as ExternalServer),
    pins: JSON.parse(pins) as Pin[],
  };
}
