import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '@toolplane/service-kit';
import type { ChangeNotices } from '../../platform/change-notices.ts';
import { toServerPool } from '../../platform/commands/commands.ts';
import type { Database } from '../../platform/database/database.ts';
import { logToolsChanged } from '../../platform/events.ts';
import { relistTools } from '../deployments/relist-tools.ts';
import { getLockedServer, getServer } from '../server-record.ts';
import { toHealth } from './check-times.ts';
import type { Inspect, Inspection } from './inspect.ts';
import { isNamed, pinTools, reviewTools } from './review.ts';
import {
  type AttachedServer,
  type Due,
  type Findings,
  findAttached,
  saveFindings,
  saveHealth,
  takeDue,
  toSignInRef,
} from './store.ts';

const AT_ONCE = 8;
/** A limit per workspace, so that hanging servers of one workspace do not delay the checks of others. */
const AT_ONCE_OF_WORKSPACE = 2;
/** After this time, a pass starts no more checks. The next pass starts with all slots free. */
const PASS_MS = 5000;
/** If the process that took a server for checking ends, the server is checked again after this time. */
const TAKEN_MS = 60_000;

export type RefreshAttached = {
  /** Checks the external servers that are due, and republishes what has changed. */
  refreshDue(): Promise<void>;
  /** Checks one external server now. */
  refresh(attached: Due): Promise<void>;
};

export function createRefreshAttached(options: {
  database: Database;
  changes: ChangeNotices;
  inspect: Inspect;
  refreshMs: number;
  logger: Logger;
}): RefreshAttached {
  const { database, changes, inspect, refreshMs, logger } = options;

  async function refresh({ id, serverId, tenant }: Due): Promise<void> {
    const seen = await database.within(tenant, (tx) => findAttached(tx, id));
    if (seen === undefined) return;
    const to = toServerPool(await database.within(tenant, (tx) => getServer(tx, serverId)));
    const owner = { workspaceId: tenant.workspaceId, serverId };
    const signIn = seen.signedInAt === null ? {} : { signIn: toSignInRef(seen) };
    const inspection = await inspect(to, { ...seen, owner, ...signIn });
    const isOther = await database.within(tenant, async (tx) => {
      if ((await findAttached(tx, id)) === undefined) return false;
      await getLockedServer(tx, serverId);
      const current = await findAttached(tx, id);
      // It was attached again in the meantime, and was checked then.
      if (current === undefined || !isSameAddress(seen, current)) return false;
      await saveHealth(tx, id, toHealth(inspection, current, { refreshMs, now: new Date() }));
      const findings = toFindings(current, inspection);
      const { declared, pins } = current;
      if (findings === undefined || isDeepStrictEqual(findings, { declared, pins })) return false;
      await saveFindings(tx, id, findings);
      noteChanges(current, findings);
      await relistTools(tx, serverId);
      await changes.markServerUnpublished(tx, serverId);
      return true;
    });
    if (isOther) await changes.notify('server.changed', serverId);
  }

  function noteChanges(before: AttachedServer, findings: Findings): void {
    const namesOf = (attached: AttachedServer) =>
      reviewTools(attached).flatMap(({ name, status }) => (status === 'changed' ? [name] : []));
    const known = new Set(namesOf(before));
    const changed = namesOf({ ...before, ...findings }).filter((name) => !known.has(name));
    if (changed.length === 0) return;
    const { serverId, name: externalServer } = before;
    logToolsChanged(logger, serverId, externalServer, changed.length);
  }

  async function refreshDue(): Promise<void> {
    const errors: unknown[] = [];
    const endsAt = performance.now() + PASS_MS;
    const underWay: string[] = [];
    let taken: Promise<unknown> = Promise.resolve();

    /** Takes servers one at a time, because two concurrent selections would not count each other's workspace. */
    const take = (): Promise<Due | undefined> => {
      const next = taken.then(async () => {
        const busy = underWay.filter((id) => underWay.filter((other) => other === id).length >= AT_ONCE_OF_WORKSPACE);
        const due = await database.asPlatform((tx) => takeDue(tx, new Date(Date.now() + TAKEN_MS), busy));
        if (due !== undefined) underWay.push(due.tenant.workspaceId);
        return due;
      });
      taken = next.catch(() => undefined);
      return next;
    };
    const work = async () => {
      do {
        const due = await take();
        if (due === undefined) return;
        // A failed check must not prevent the other checks.
        await refresh(due).catch((error: unknown) => errors.push(error));
        underWay.splice(underWay.indexOf(due.tenant.workspaceId), 1);
      } while (performance.now() < endsAt);
    };
    // Even after a failure, the next pass starts only when all checks have ended.
    await Promise.all(Array.from({ length: AT_ONCE }, () => work().catch((error: unknown) => errors.push(error))));
    if (errors.length > 0) throw errors[0];
  }

  return { refreshDue, refresh };
}

/** While the server does not answer, its earlier declarations stay. */
function toFindings(current: AttachedServer, inspection: Inspection): Findings | undefined {
  if (inspection.state !== 'ok') return undefined;
  const { declared } = inspection;
  // Attaching approves the named tools. If the server was unreachable then, the first check pins them.
  const isApproved = (name: string) => current.declared === null && isNamed(current.tools, name);
  return { declared, pins: pinTools({ ...current, declared }, isApproved) };
}

/** Whether an inspection of `b` would have had the same result as that of `a`, because the request is the same. */
function isSameAddress(a: AttachedServer, b: AttachedServer): boolean {
  return (['url', 'transport', 'headers', 'signedInAt', 'allow'] as const).every((member) =>
    isDeepStrictEqual(a[member], b[member]),
  );
}
