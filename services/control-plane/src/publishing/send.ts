import { setTimeout } from 'node:timers/promises';
import type { DebugStreamReader, Publisher } from '@toolplane/bus';
import type { Manifest } from '@toolplane/contracts';
import { AppError } from '@toolplane/contracts';
import type { Signer } from '@toolplane/sealing';
import { toManifestDebug } from '../operations/debug-sessions/published-debug.ts';
import type { PublishableCatalogue } from './catalogue-store.ts';
import { type Publication, type PublishableServer, toPublication } from './publication.ts';

/**
 * A busy machine may miss one response of Redis, and a lost connection is soon restored. All attempts together take
 * much less than the time limit of a transaction.
 */
export const ATTEMPTS_MAX = 3;
const ATTEMPT_PAUSE_MS = 300;

/** Repeats a failed publication, which is harmless. Rejects with `config_unavailable`. */
export async function send(publish: () => Promise<void>, attemptsMax = 1): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await publish();
    } catch (cause) {
      if (attempt >= attemptsMax) {
        throw new AppError('config_unavailable', 'The change cannot be published now', { cause });
      }
      await setTimeout(ATTEMPT_PAUSE_MS);
    }
  }
}

const PLANS_AT_ONCE = 10;

/** Sends documents that refer to others. The documents that one refers to are sent before it. */
export type SendDocuments = {
  server(server: PublishableServer, publication: Publication): Promise<void>;
  catalogue(catalogue: PublishableCatalogue): Promise<void>;
};

export function createSendDocuments(options: {
  publisher: Publisher;
  signer: Signer;
  debugStreams: Pick<DebugStreamReader, 'open'>;
}): SendDocuments {
  const { publisher, signer, debugStreams } = options;

  async function sendPlans(plans: Publication['plans']): Promise<void> {
    // Signing all of them at once would delay other requests.
    for (let start = 0; start < plans.length; start += PLANS_AT_ONCE) {
      await publisher.publishPlans(plans.slice(start, start + PLANS_AT_ONCE));
    }
  }

  return {
    /** Keeps the order in which a manifest never names a missing plan, nor a debug session that accepts no events. */
    async server({ debug }, { manifest, plans }) {
      await sendPlans(plans);
      if (debug === undefined) return publisher.publishManifest(manifest);
      await debugStreams.open(debug.sessionId, debug.expiresAt);
      await publisher.publishManifest({ ...manifest, debug: await toManifestDebug(debug, signer) });
    },
    async catalogue({ catalogue, lent }) {
      const manifests: Manifest[] = [];
      for (const server of lent) {
        const { manifest, plans } = await toPublication(server);
        await sendPlans(plans);
        manifests.push(manifest);
      }
      await publisher.publishCatalogue(manifests.length === 0 ? catalogue : { ...catalogue, lent: manifests });
    },
  };
}
