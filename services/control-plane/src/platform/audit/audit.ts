import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError, type Json } from '@toolplane/contracts';
import type { Signer } from '@toolplane/sealing';
import type { Database, Tenant } from '../database/database.ts';
import type { Principal } from '../principals/principal.ts';
import { type AuditEvent, follows } from './entry.ts';
import {
  type AuditFilter,
  appendEvents,
  type Chain,
  dropEntriesBefore,
  findChain,
  findUnended,
  type KeptEntry,
  listEntries,
  readEntries,
} from './store.ts';

export type { AuditActor, AuditEvent } from './entry.ts';

/** The end of a chain. If it is stored elsewhere, it later shows whether anything before it was changed. */
export type AuditHead = { number: number; hash: string; at: string; signature: string };

export type AuditVerification = {
  isIntact: boolean;
  /** Number of entries that were checked. */
  entries: number;
  /** The first entry that does not follow the previous one. */
  brokenAt: number | null;
  /** The number after which to continue, if there are more entries than one request checks. */
  next: number | null;
};

export type Audit = {
  /** Appends to the organization's chain. Rejects if the entry could not be written. */
  record(organizationId: string, ...events: AuditEvent[]): Promise<void>;
  /**
   * Appends the end of a change that has already been made. If the end cannot be written now, `writeLate` writes it
   * later. Resolves to false if there is no room to keep it until then.
   */
  recordEnd(organizationId: string, event: AuditEvent): Promise<boolean>;
  /** Writes the ends of changes that could not be written before. */
  writeLate(): Promise<void>;
  /** Writes an end for each change whose process was killed before it could write how the change ended. */
  endInterrupted(): Promise<void>;
  list(
    principal: Principal,
    filter: AuditFilter,
    page: { beforeNumber: number | undefined; limit: number },
  ): Promise<KeptEntry[]>;
  /** Returns JSON Lines in the order of the chain, each entry with its hash, and the number after which to continue. */
  export(principal: Principal, filter: AuditFilter, afterNumber: number): Promise<{ text: string; next?: number }>;
  head(principal: Principal): Promise<AuditHead>;
  verify(principal: Principal, afterNumber: number): Promise<AuditVerification>;
  /** Deletes entries that are older than the retention period. */
  sweep(): Promise<void>;
};

const EXPORT_ENTRIES_MAX = 5000;
/** The maximum length of an export in characters; the last page may exceed it by a few thousand. */
const EXPORT_LENGTH_MAX = 16_000_000;
const EXPORT_PAGE = 500;
const VERIFY_ENTRIES_MAX = 20_000;
const PAGE = 1000;
const DAY_MS = 86_400_000;
/**
 * The maximum number of ends of changes that wait for PostgreSQL. While PostgreSQL is down, hardly any changes are
 * made.
 */
const LATE_MAX = 1000;
/** A change without an end counts as interrupted after this time, because no request takes this long. */
const INTERRUPTED_AFTER_MS = 3_600_000;
/** If the platform was down for longer than this, changes before that time stay without an end. */
const INTERRUPTED_WITHIN_MS = 30 * DAY_MS;

export function createAudit(options: {
  database: Database;
  signer: Signer;
  /** 0 means that everything is kept. */
  retentionDays: number;
  now?: () => number;
}): Audit {
  const { database, signer, retentionDays, now = Date.now } = options;
  const late = new Set<{ organizationId: string; event: AuditEvent }>();
  /** Changes that began before this time are no longer checked for a missing end. */
  let endedBefore = now() - INTERRUPTED_WITHIN_MS;

  async function record(organizationId: string, ...events: AuditEvent[]): Promise<void> {
    // Row-level security also requires a workspace, which entries of the organization do not have.
    const tenant: Tenant = { organizationId, workspaceId: '' };
    const at = new Date(now()).toISOString();
    await database.within(tenant, (tx) => appendEvents(tx, organizationId, events, at));
  }

  /** A key sees its own workspace; only those who may create workspaces see the whole organization. */
  function seenBy({ permissions, workspaceId }: Principal, filter: AuditFilter): AuditFilter {
    if (permissions.includes('workspaces:write')) return filter;
    if (filter.workspaceId !== undefined && filter.workspaceId !== workspaceId) {
      throw new AppError('not_found', 'No workspace has this id');
    }
    return { ...filter, workspaceId };
  }

  function refuseParts({ permissions }: Principal): void {
    if (permissions.includes('workspaces:write')) return;
    throw new AppError(
      'forbidden',
      'The chain covers the whole organization: this also requires the permission workspaces:write',
    );
  }

  async function endInterruptedWithin({ from, to }: { from: number; to: number }): Promise<void> {
    const period = { from: new Date(from), to: new Date(to), limit: PAGE };
    for (;;) {
      const begun = await database.asPlatform((tx) => findUnended(tx, period));
      for (const { organizationId, number: _, at: __, previousHash: ___, ...event } of begun) {
        await record(organizationId, { ...event, kind: 'ended', outcome: 'unknown' });
      }
      if (begun.length < PAGE) return;
    }
  }

  async function verifyChain(principal: Principal, chain: Chain, afterNumber: number): Promise<AuditVerification> {
    const { organizationId } = principal;
    const begin = Math.max(afterNumber, chain.anchorNumber);
    let last = await lastBefore(database, principal, chain, begin);
    // Entries that somebody inserted before the start of the chain are read as well, and fail because they follow no
    // entry.
    let afterLast = afterNumber === 0 ? undefined : begin;
    let entries = 0;
    while (entries < VERIFY_ENTRIES_MAX) {
      const page = { afterNumber: afterLast, limit: PAGE };
      const rows = await database.within(principal, (tx) => readEntries(tx, organizationId, {}, page));
      for (const row of rows) {
        if (!follows(row, last)) return { isIntact: false, entries, brokenAt: row.number, next: null };
        last = row;
        entries += 1;
      }
      afterLast = last.number;
      await nextTurn();
      if (rows.length < PAGE) {
        // If entries were cut off at the end, no remaining entry shows it; entries that were added in the meantime
        // are fine.
        const isWhole = last.number >= chain.number && (last.number > chain.number || last.hash === chain.hash);
        return { isIntact: isWhole, entries, brokenAt: isWhole ? null : last.number + 1, next: null };
      }
    }
    return { isIntact: true, entries, brokenAt: null, next: last.number };
  }

  return {
    record,
    async recordEnd(organizationId, event) {
      const endedAt = new Date(now()).toISOString();
      try {
        await record(organizationId, event);
        return true;
      } catch {
        if (late.size >= LATE_MAX) return false;
        late.add({ organizationId, event: { ...event, details: { ...event.details, endedAt } } });
        return true;
      }
    },
    async writeLate() {
      for (const next of [...late]) {
        await record(next.organizationId, next.event);
        late.delete(next);
      }
    },
    async endInterrupted() {
      const end = now() - INTERRUPTED_AFTER_MS;
      // Each day is read separately, because one statement that reads all days could exceed the time limit of
      // statements.
      for (let from = endedBefore; from < end; from += DAY_MS) {
        await endInterruptedWithin({ from, to: Math.min(from + DAY_MS, end) });
      }
      // An entry has the time of the process that wrote it, whose clock may be behind the clock of this process.
      endedBefore = end - INTERRUPTED_AFTER_MS;
    },
    list: (principal, filter, page) =>
      database.within(principal, (tx) => listEntries(tx, principal.organizationId, seenBy(principal, filter), page)),
    async export(principal, filter, afterNumber) {
      const seen = seenBy(principal, filter);
      let text = '';
      // Entries that somebody inserted before the start of the chain are exported as well, because lists show them.
      let next = afterNumber === 0 ? undefined : afterNumber;
      for (let entries = 0; entries < EXPORT_ENTRIES_MAX && text.length < EXPORT_LENGTH_MAX; entries += EXPORT_PAGE) {
        const page = { afterNumber: next, limit: EXPORT_PAGE };
        const rows = await database.within(principal, (tx) => readEntries(tx, principal.organizationId, seen, page));
        text += rows.map(({ content, hash }) => `${content.slice(0, -1)},"hash":"${hash}"}\n`).join('');
        if (rows.length < EXPORT_PAGE) return { text };
        next = rows.at(-1)?.number ?? next;
      }
      return next === undefined ? { text } : { text, next };
    },
    async head(principal) {
      refuseParts(principal);
      const { organizationId } = principal;
      const { number, hash } = await database.within(principal, (tx) => findChain(tx, organizationId));
      const at = new Date(now()).toISOString();
      const document: Json = { version: 1, kind: 'audit-head', organizationId, number, hash, at };
      return { number, hash, at, signature: await signer.sign(document) };
    },
    async verify(principal, afterNumber) {
      refuseParts(principal);
      const { organizationId } = principal;
      for (;;) {
        const chain = await database.within(principal, (tx) => findChain(tx, organizationId));
        const verification = await verifyChain(principal, chain, afterNumber);
        if (verification.isIntact) return verification;
        // If old entries are deleted during a verification because of their age, the chain looks broken.
        const { anchorNumber } = await database.within(principal, (tx) => findChain(tx, organizationId));
        if (anchorNumber === chain.anchorNumber) return verification;
      }
    },
    async sweep() {
      if (retentionDays === 0) return;
      const oldest = new Date(now() - retentionDays * DAY_MS);
      while ((await database.asPlatform((tx) => dropEntriesBefore(tx, oldest))) > 0) await nextTurn();
    },
  };
}

async function lastBefore(
  database: Database,
  principal: Principal,
  { anchorNumber, anchorHash }: { anchorNumber: number; anchorHash: string },
  number: number,
): Promise<{ number: number; hash: string }> {
  if (number <= anchorNumber) return { number: anchorNumber, hash: anchorHash };
  const [row] = await database.within(principal, (tx) =>
    readEntries(tx, principal.organizationId, {}, { afterNumber: number - 1, limit: 1 }),
  );
  return row?.number === number ? row : { number, hash: '' };
}
