import {
  type BusEvent,
  createApprovalRequestReader,
  createCallLogReader,
  createDebugStreamReader,
  createDecisionReader,
  createFleetReader,
  createLocks,
  createPooledCaller,
  createPublisher,
  createSecretUseReader,
  createSeenCallerReader,
  createSeenUserReader,
  type SecretUseReader,
} from '@toolplane/bus';
import type { CallKeys, Signer } from '@toolplane/sealing';
import { createBusEventCount, type Logger, logBusEvent } from '@toolplane/service-kit';

export type Bus = Awaited<ReturnType<typeof connectToBus>>;

/**
 * Opens all connections through which the control plane reaches the other planes. They are closed together with
 * `resources`.
 */
export async function connectToBus(
  resources: AsyncDisposableStack,
  options: {
    redisUrl: string;
    /** The keys for commands to the default data planes; `poolKeys` has those of each pool by its name. */
    commandKeys: CallKeys;
    poolKeys: ReadonlyMap<string, CallKeys>;
    /** The keys with which edges seal what they report. */
    reportKeys: CallKeys;
    signer: Signer;
    logger: Logger;
  },
) {
  const { redisUrl, commandKeys, poolKeys, reportKeys, signer, logger } = options;
  const poolNames = [...poolKeys.keys()];
  const ofEdges = { redisUrl, keys: reportKeys };
  const countEvent = createBusEventCount();
  const onEvent = (event: BusEvent) => {
    countEvent(event);
    logBusEvent(logger, 'commands', event);
  };
  async function open<Connection extends { close(): Promise<void> }>(created: Promise<Connection>) {
    return resources.adopt(await created, (it) => it.close());
  }

  const publisher = await open(createPublisher({ redisUrl, signer }));
  const caller = resources.adopt(
    await createPooledCaller({ redisUrl, queue: 'commands', keys: commandKeys, pools: poolKeys, onEvent }),
    (it) => it.close({ drainMs: 5000 }),
  );
  const secretUses: SecretUseReader[] = [];
  for (const [pool, keys] of [[undefined, commandKeys] as const, ...poolKeys]) {
    secretUses.push(await open(createSecretUseReader({ redisUrl, keys, pool })));
  }
  return {
    poolNames,
    publisher,
    caller,
    secretUses,
    locks: await open(createLocks({ redisUrl })),
    fleet: await open(createFleetReader({ redisUrl, pools: poolNames })),
    debugStreams: await open(createDebugStreamReader({ redisUrl, keys: commandKeys })),
    seenCallers: await open(createSeenCallerReader(ofEdges)),
    seenUsers: await open(createSeenUserReader(ofEdges)),
    decisions: await open(createDecisionReader(ofEdges)),
    approvalRequests: await open(createApprovalRequestReader(ofEdges)),
    endedCalls: await open(createCallLogReader(ofEdges)),
  };
}
