import { type BusConnection, firstAttempt } from '../bus-connection.ts';
import { keys } from '../keys.ts';
import { defineScript } from '../redis-script.ts';
import { type ProcessStatus, processStatusSchema } from './process-status.ts';

/** Three heartbeats: a process that was silent for longer is considered gone. */
const SILENT_SECONDS_MAX = 15;

/**
 * KEYS: a hash of processes. ARGV: seconds. Removes processes that are gone, and entries that no process has written.
 */
const READ = `
local now = tonumber(redis.call('TIME')[1])
local entries, found = redis.call('HGETALL', KEYS[1]), {}
for at = 1, #entries, 2 do
  local seconds, status = string.match(entries[at + 1], '^(%d+) (.*)$')
  if seconds and math.abs(now - tonumber(seconds)) <= tonumber(ARGV[1]) then
    found[#found + 1] = status
  else
    redis.call('HDEL', KEYS[1], entries[at])
  end
end
return found`;

export type FleetReader = {
  /** The processes that reported recently, sorted by service, pool and host. Rejects while Redis is unavailable. */
  read(): Promise<ProcessStatus[]>;
};

/** Used by the control plane. Resolves when Redis answered or failed for the first time. */
export async function createFleetReader({
  bus,
  pools,
}: {
  bus: BusConnection;
  pools: readonly string[];
}): Promise<FleetReader> {
  const redis = bus.documents;
  const read = defineScript(redis, 'toolplaneReadFleet', READ);
  const hashes = [
    keys.processes('control-plane'),
    keys.processes('edge'),
    ...[undefined, ...pools].map((pool) => keys.processes('data-plane', pool)),
  ];
  await firstAttempt(redis);
  return {
    async read() {
      const texts = await Promise.all(
        hashes.map(async (hash) => (await read([hash], [SILENT_SECONDS_MAX])) as string[]),
      );
      const order = ({ service, pool = '', host, startedAt }: ProcessStatus) =>
        `${service} ${pool} ${host} ${startedAt}`;
      return texts
        .flat()
        .flatMap((text) => parseStatus(text) ?? [])
        .toSorted((one, other) => (order(one) < order(other) ? -1 : 1));
    },
  };
}

function parseStatus(text: string): ProcessStatus | undefined {
  try {
    return processStatusSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
