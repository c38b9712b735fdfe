import {
  type BusConnection,
  type BusEvent,
  createCallLogReader,
  createDebugStreamReader,
  createFleetReader,
  createLocks,
  createNoteReader,
  createPooledCaller,
  createPublisher,
  type NoteReader,
} from '@toolplane/bus';
import type { CallKeys, Signer } from '@toolplane/sealing';
import { createBusEventCount, type Logger, logBusEvent } from '@toolplane/service-kit';

export type Bus = Awaited<ReturnType<typeof connectToBus>>;

/** Everything through which the control plane reaches the other planes. It is closed together with `resources`. */
export async function connectToBus(
  resources: AsyncDisposableStack,
  options: {
    connection: BusConnection;
    /** The keys for commands to the default data planes; `poolKeys` has those of each pool by its name. */
    commandKeys: CallKeys;
    poolKeys: ReadonlyMap<string, CallKeys>;
    /** The keys with which edges seal what they report. */
    reportKeys: CallKeys;
    signer: Signer;
    logger: Logger;
  },
) {
  const { connection: bus, commandKeys, poolKeys, reportKeys, signer, logger } = options;
  const poolNames = [...poolKeys.keys()];
  const ofEdges = { bus, keys: reportKeys };
  const countEvent = createBusEventCount();
  const onEvent = (event: BusEvent) => {
    countEvent(event);
    logBusEvent(logger, 'commands', event);
  };

  const publisher = await createPublisher({ bus, signer });
  const caller = resources.adopt(
    await createPooledCaller({ bus, queue: 'commands', keys: commandKeys, pools: poolKeys, onEvent }),
    (it) => it.close({ drainMs: 5000 }),
  );
  const secretUses: NoteReader<'secret-uses'>[] = [];
  for (const [pool, keys] of [[undefined, commandKeys] as const, ...poolKeys]) {
    secretUses.push(await createNoteReader('secret-uses', { bus, keys, pool }));
  }
  return {
    poolNames,
    publisher,
    caller,
    secretUses,
    locks: await createLocks({ bus }),
    fleet: await createFleetReader({ bus, pools: poolNames }),
    debugStreams: await createDebugStreamReader({ bus, keys: commandKeys }),
    seenCallers: await createNoteReader('seen-callers', ofEdges),
    seenUsers: await createNoteReader('seen-users', ofEdges),
    decisions: await createNoteReader('decisions', ofEdges),
    approvalRequests: await createNoteReader('approval-requests', ofEdges),
    endedCalls: await createCallLogReader(ofEdges),
  };
}
