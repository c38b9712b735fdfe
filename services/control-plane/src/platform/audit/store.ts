import type { AuditKind, Prisma } from '../../generated/client.ts';
import type { Transaction } from '../database/database.ts';
import { type AuditEntry, type AuditEvent, columnsOf, type StoredEntry, sealEntry } from './entry.ts';

/** The fields of an entry in answers. */
export type KeptEntry = AuditEntry & { hash: string };

export type AuditFilter = {
  kind?: AuditKind[] | undefined;
  workspaceId?: string | undefined;
  actorId?: string | undefined;
  action?: string | undefined;
  outcome?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
};

export type Chain = { number: number; hash: string; anchorNumber: number; anchorHash: string };

/** Appends to the chain; concurrent writers for the same organization wait. */
export async function appendEvents(
  tx: Transaction,
  organizationId: string,
  events: readonly AuditEvent[],
  at: string,
): Promise<void> {
  await tx.$executeRaw`INSERT INTO audit_chains (organization_id) VALUES (${organizationId}) ON CONFLICT DO NOTHING`;
  const [chain] = await tx.$queryRaw<{ number: number; hash: string }[]>`
    SELECT number, hash FROM audit_chains WHERE organization_id = ${organizationId} FOR UPDATE`;
  let last = chain ?? { number: 0, hash: '' };
  const known = await knownEvents(tx, organizationId, events);
  const rows = events
    .filter((event) => !known.has(eventIdOf(event) ?? ''))
    .map((event) => {
      const number = last.number + 1;
      const { entry, content, hash } = sealEntry({ ...event, organizationId, number, at, previousHash: last.hash });
      last = { number, hash };
      return { ...columnsOf(entry), content, hash, eventId: eventIdOf(entry) };
    });
  await tx.auditEntry.createMany({ data: rows });
  await tx.auditChain.update({ where: { organizationId }, data: last });
}

/**
 * The id under which an entry is written only once: an event may be reported twice, and the end of a change may be
 * written again after a failure.
 */
function eventIdOf({ kind, requestId }: AuditEvent): string | null {
  return requestId === undefined || kind === 'event' ? (requestId ?? null) : `${kind} ${requestId}`;
}

async function knownEvents(
  tx: Transaction,
  organizationId: string,
  events: readonly AuditEvent[],
): Promise<Set<string>> {
  const ids = events.flatMap((event) => eventIdOf(event) ?? []);
  if (ids.length === 0) return new Set();
  const rows = await tx.auditEntry.findMany({
    where: { organizationId, eventId: { in: ids } },
    select: { eventId: true },
  });
  return new Set(rows.flatMap(({ eventId }) => eventId ?? []));
}

export async function findChain(tx: Transaction, organizationId: string): Promise<Chain> {
  const row = await tx.auditChain.findUnique({ where: { organizationId } });
  return row ?? { number: 0, hash: '', anchorNumber: 0, anchorHash: '' };
}

/** Returns the newest entries first, beginning before `beforeNumber`. */
export async function listEntries(
  tx: Transaction,
  organizationId: string,
  filter: AuditFilter,
  { beforeNumber, limit }: { beforeNumber: number | undefined; limit: number },
): Promise<KeptEntry[]> {
  const rows = await tx.auditEntry.findMany({
    where: {
      ...toWhere(organizationId, filter),
      ...(beforeNumber === undefined ? {} : { number: { lt: beforeNumber } }),
    },
    orderBy: { number: 'desc' },
    take: limit,
  });
  return rows.map(toKept);
}

/**
 * Entries in the order of the chain, beginning after `afterNumber`, or with the smallest stored number if it is
 * undefined.
 */
export async function readEntries(
  tx: Transaction,
  organizationId: string,
  filter: AuditFilter,
  { afterNumber, limit }: { afterNumber: number | undefined; limit: number },
): Promise<StoredEntry[]> {
  const rows = await tx.auditEntry.findMany({
    where: {
      ...toWhere(organizationId, filter),
      ...(afterNumber === undefined ? {} : { number: { gt: afterNumber } }),
    },
    orderBy: { number: 'asc' },
    take: limit,
  });
  return rows as StoredEntry[];
}

/**
 * For the platform: changes of this period whose end was never written, oldest first. Older entries, from before ends
 * had ids of their own, are ignored.
 */
export async function findUnended(tx: Transaction, period: { from: Date; to: Date; limit: number }) {
  const rows = await tx.$queryRaw<{ content: string }[]>`
    SELECT begun.content FROM audit_entries begun
    WHERE begun.kind = 'begun' AND begun.event_id LIKE 'begun %' AND begun.at BETWEEN ${period.from} AND ${period.to}
      AND NOT EXISTS (SELECT 1 FROM audit_entries ended WHERE ended.organization_id = begun.organization_id
        AND ended.event_id = 'ended ' || substr(begun.event_id, ${'begun '.length + 1}::int))
    ORDER BY begun.at LIMIT ${period.limit}`;
  return rows.map(({ content }) => JSON.parse(content) as AuditEntry);
}

/** The maximum number of entries deleted in one transaction, during which nothing can be appended to the chain. */
const DROPPED_AT_ONCE_MAX = 5000;

/**
 * For the platform. Deletes the oldest entries of one organization and returns their number; the remaining ones still
 * follow the anchor. Deletes only from the start of the chain: an entry with a wrong clock does not cause the deletion
 * of entries that were written before it.
 */
export async function dropEntriesBefore(tx: Transaction, at: Date): Promise<number> {
  const [oldest] = await tx.$queryRaw<{ organizationId: string }[]>`
    SELECT c.organization_id AS "organizationId" FROM audit_chains c JOIN audit_entries e
      ON e.organization_id = c.organization_id AND e.number = c.anchor_number + 1
    WHERE e.at < ${at} LIMIT 1 FOR UPDATE OF c`;
  if (oldest === undefined) return 0;
  const { organizationId } = oldest;
  const rows = await tx.auditEntry.findMany({
    where: { organizationId },
    orderBy: { number: 'asc' },
    take: DROPPED_AT_ONCE_MAX,
    select: { number: true, hash: true, at: true },
  });
  const kept = rows.findIndex((row) => row.at >= at);
  const last = rows.at(kept === -1 ? -1 : kept - 1);
  if (last === undefined || kept === 0) return 0;
  await tx.$queryRaw`SELECT set_config('app.audit_retention', 'on', true)`;
  await tx.auditChain.update({
    where: { organizationId },
    data: { anchorNumber: last.number, anchorHash: last.hash },
  });
  const { count } = await tx.auditEntry.deleteMany({ where: { organizationId, number: { lte: last.number } } });
  return count;
}

function toWhere(organizationId: string, filter: AuditFilter): Prisma.AuditEntryWhereInput {
  const { kind, workspaceId, actorId, action, outcome, from, to } = filter;
  return {
    organizationId,
    ...(kind === undefined ? {} : { kind: { in: kind } }),
    ...(workspaceId === undefined ? {} : { workspaceId }),
    ...(actorId === undefined ? {} : { actorId }),
    ...(action === undefined ? {} : { action }),
    ...(outcome === undefined ? {} : { outcome }),
    at: {
      ...(from === undefined ? {} : { gte: new Date(from) }),
      ...(to === undefined ? {} : { lte: new Date(to) }),
    },
  };
}

function toKept({ content, hash }: { content: string; hash: string }): KeptEntry {
  return { ...(JSON.parse(content) as AuditEntry), hash };
}
