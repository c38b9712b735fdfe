import type { SecretUse } from '@toolplane/bus';
import { AppError, type ErrorCode, storedSecretSchema } from '@toolplane/contracts';
import { secretAudience } from '@toolplane/sealing';
import type { ListPage, PageRequest } from '@toolplane/service-kit/http';
import { type Commands, type Destination, toServerPool } from '../../platform/commands/commands.ts';
import type { Database, Transaction } from '../../platform/database/database.ts';
import { orNotFound } from '../../platform/or-not-found.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import { checkSealed } from '../../platform/sealed.ts';
import type { Deployments } from '../deployments/deployments.ts';
import { makeDue } from '../external-servers/attached.ts';
import { getLockedServer, getServer } from '../server-record.ts';
import { listUncovered, listUsages, type SecretUsage, type UncoveredHost } from './secret-usage.ts';
import * as store from './store.ts';
import { listStoredNames, toSecretRef } from './stored-names.ts';
import { createSecretSweep } from './sweep-secrets.ts';
import { clearMark, deleteSecret, findAnyRow, markUnsettled } from './sweep-store.ts';

/** A sealed value, and the time for which the replaced version is kept. */
export type NewSecret = {
  sealed: string;
  overlapSeconds: number;
  /** The name that the value must be sealed for, if it is stored under another name. */
  sealedName?: string;
  /** The path of the value in the request, for error messages. Default: `body.sealed`. */
  path?: string;
};

export type SecretDetails = store.SecretWithVersions & {
  /** The running deployment. Null if nothing runs, so nothing uses the secret. */
  deploymentId: string | null;
  usedBy: SecretUsage[];
  uncovered: UncoveredHost[];
};

/**
 * Manages secrets. Sealed values are passed to the data plane; names, hosts, versions and times are stored here. The
 * control plane never has a value in plaintext.
 */
export type Secrets = {
  /** `uncovered` has the hosts to which running tools would send the secret although it was not sealed for them. */
  put(
    principal: Principal,
    idOrSlug: string,
    name: string,
    secret: NewSecret,
  ): Promise<store.ListedSecret & { uncovered: UncoveredHost[] }>;
  get(principal: Principal, idOrSlug: string, name: string): Promise<SecretDetails>;
  /** Pins a version, so that it stays in use when new ones are stored. Undefined uses the newest version again. */
  pin(principal: Principal, idOrSlug: string, name: string, version: number | undefined): Promise<store.ListedSecret>;
  remove(principal: Principal, idOrSlug: string, name: string): Promise<void>;
  list(principal: Principal, idOrSlug: string, page: PageRequest): Promise<ListPage<store.ListedSecret>>;
  /** Deletes from the secret store what is no longer needed, and repairs the results of interrupted changes. */
  sweep(): Promise<void>;
  noteUses(uses: readonly SecretUse[]): Promise<void>;
};

/** The time for which a version is kept after it is unpinned, unless a later time is already set. */
const UNPINNED_MS = 86_400_000;

export function createSecrets(options: {
  database: Database;
  commands: Commands;
  deployments: Pick<Deployments, 'findActivePlans'>;
}): Secrets {
  const { database, commands, deployments } = options;
  const { sweep, retire } = createSecretSweep(options);

  async function findRef(principal: Principal, idOrSlug: string, name: string) {
    const { id: serverId, workspaceId } = await database.within(principal, (tx) => getServer(tx, idOrSlug));
    return { workspaceId, serverId, name };
  }

  /**
   * Allows one writer per name at a time, so that the rows match the secret store. The data plane acts before the rows
   * are saved, so a mark is saved first: the sweep finds it if the rows are never saved.
   */
  async function change(
    principal: Principal,
    ref: store.SecretId,
    work: (tx: Transaction, known: store.SecretWithVersions | undefined, to: Destination) => Promise<void>,
  ): Promise<store.SecretWithVersions> {
    const mark = await database.within(principal, async (tx) => {
      await getLockedServer(tx, ref.serverId);
      return markUnsettled(tx, ref);
    });
    try {
      return await database.within(principal, async (tx) => {
        await store.lockSecret(tx, ref);
        const to = toServerPool(await getServer(tx, ref.serverId));
        await work(tx, await store.findSecret(tx, ref), to);
        await clearMark(tx, ref, mark);
        return orNotFound(await store.findSecret(tx, ref), 'secret');
      });
    } catch (error) {
      if (changedNothing(error))
        await database.within(principal, (tx) => clearMark(tx, ref, mark)).catch(() => undefined);
      throw error;
    }
  }

  return {
    async put(principal, idOrSlug, name, { sealed, overlapSeconds, sealedName = name, path }) {
      const ref = await findRef(principal, idOrSlug, name);
      const audience = secretAudience({ ...ref, name: sealedName });
      checkSealed(sealed, audience, path);
      const overlapMs = overlapSeconds * 1000;
      const { versions, ...secret } = await change(principal, ref, async (tx, known, to) => {
        const version = (known?.newestVersion ?? 0) + 1;
        const isUsed = known?.isPinned !== true;
        const named = sealedName === name ? {} : { audience };
        const command = { command: 'store_secret', ref, sealed, version, isUsed, overlapMs, ...named } as const;
        const stored = storedSecretSchema.parse(await commands.send(to, command));
        // If the server was deleted in the meantime, its removal has recorded this name.
        await getLockedServer(tx, ref.serverId);
        await store.insertVersion(tx, ref, { ...stored, version });
        if (isUsed) await store.useVersion(tx, ref, { version, isPinned: false });
        await store.retireOthers(tx, ref, { replaced: known?.version, at: new Date(Date.now() + overlapMs) });
        await makeDue(tx, ref.serverId);
      });
      // Expired versions are deleted at once. If this fails, the sweep tries again.
      await retire(ref).catch(() => undefined);
      const { plans } = await database.within(principal, (tx) => deployments.findActivePlans(tx, ref.serverId));
      return { ...secret, uncovered: listUncovered(plans, { name, hosts: versions[0]?.hosts ?? [] }) };
    },

    get: (principal, idOrSlug, name) =>
      database.within(principal, async (tx) => {
        const { id: serverId, workspaceId } = await getServer(tx, idOrSlug);
        const secret = orNotFound(await store.findSecret(tx, { workspaceId, serverId, name }), 'secret');
        const { deploymentId, plans } = await deployments.findActivePlans(tx, serverId);
        return { ...secret, deploymentId, usedBy: listUsages(plans, name), uncovered: listUncovered(plans, secret) };
      }),

    async pin(principal, idOrSlug, name, pinned) {
      const ref = await findRef(principal, idOrSlug, name);
      // A mark creates a row for the name, so only existing secrets may be marked.
      orNotFound(await database.within(principal, (tx) => store.findSecret(tx, ref)), 'secret');
      const secret = await change(principal, ref, async (tx, known, to) => {
        const { version: replaced, newestVersion, versions } = orNotFound(known, 'secret');
        const version = pinned ?? newestVersion;
        if (!versions.some((kept) => kept.version === version)) {
          throw new AppError('not_found', `The secret no longer has a version ${version}`);
        }
        const unpinnedAt = new Date(Date.now() + UNPINNED_MS);
        const at = await store.findRetirement(tx, { ...ref, version: replaced }, unpinnedAt);
        // Going back to an older version means that the newer version is wrong, so it gets no overlap.
        const overlap = version > replaced ? { overlapMs: at.getTime() - Date.now() } : {};
        await commands.send(to, { command: 'use_secret_version', ref, version, ...overlap });
        await store.useVersion(tx, ref, { version, isPinned: pinned !== undefined });
        await store.retireOthers(tx, ref, { replaced, at });
      });
      const { versions: _, ...summary } = secret;
      return summary;
    },

    async remove(principal, idOrSlug, name) {
      const ref = await findRef(principal, idOrSlug, name);
      await database.within(principal, async (tx) => {
        await store.lockSecret(tx, ref);
        const row = orNotFound(await findAnyRow(tx, ref), 'secret');
        const to = toServerPool(await getServer(tx, ref.serverId));
        // The version that calls read is deleted first. The data plane makes one change of a secret at a time, so the
        // requests are sequential.
        for (const stored of listStoredNames(row)) {
          await commands.send(to, { command: 'delete_secret', ref: toSecretRef(ref, stored) });
        }
        await deleteSecret(tx, ref);
      });
    },

    list: (principal, idOrSlug, page) =>
      database.within(principal, async (tx) => {
        const server = await getServer(tx, idOrSlug);
        return store.listSecrets(tx, { serverId: server.id, ...page });
      }),

    sweep,
    // The transactions are separate, because changes of a secret lock the two tables in the opposite order.
    async noteUses(uses) {
      await database.asPlatform((tx) => store.saveVersionUses(tx, uses));
      await database.asPlatform((tx) => store.saveSecretUses(tx, uses));
    },
  };
}

const REFUSALS: ReadonlySet<ErrorCode> = new Set([
  'invalid_request',
  'payload_too_large',
  'not_found',
  'secret_missing',
  'secret_store_read_only',
]);

function changedNothing(error: unknown): boolean {
  return error instanceof AppError && REFUSALS.has(error.code);
}
