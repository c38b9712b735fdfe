/*
 * Runs one campaign: load from beginning to end, faults one after the other, and after each fault a wait until
 * everything works. Returns the journals; a separate checker judges them.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { createApiKey } from './change-faults.ts';
import type { CampaignKey } from './client.ts';
import type { EndFault } from './fault.ts';
import { chooseFaults } from './faults.ts';
import { waitForUpstream, waitUntilHealthy } from './health.ts';
import type { FaultInjection, Journals } from './journal.ts';
import { watchLag } from './lag.ts';
import { compareLevels, readLeftovers, readLevels } from './levels.ts';
import { startLoad } from './load.ts';
import { monotonicMs } from './monotonic.ts';
import type { Options } from './options.ts';
import { createRandom } from './random.ts';
import { fitRate } from './rate.ts';
import { readRows } from './rows.ts';
import { type Planned, planInjections } from './schedule.ts';
import type { Stage } from './stage.ts';

/** If the platform is not healthy for this long, the campaign ends. */
const HEALTHY_MS_MAX = 45_000;
const END_ATTEMPTS_MAX = 3;
/** The second fault of a pair starts while the first one is active, for example while an edge drains. */
const PAIR_MS_APART_MAX = 600;
const QUIET_MS = 2_000;
const WARM_UP_MS = 6_000;
/** A control plane that was late this long before a fault has caught up by the time of the fault. */
const ROWS_MS = 10_000;
/** Every tenth call uses the key that is revoked and rotated. */
const SPARE_KEY_EVERY = 10;

export type Campaign = Journals & { rate: number; heldBack: number };

export async function runCampaign(
  stage: Stage,
  options: Options,
  { say, signal }: { say: (line: string) => void; signal: AbortSignal },
): Promise<Campaign> {
  const until = monotonicMs() + options.minutes * 60_000;
  const mainKey: CampaignKey = { value: stage.platform.apiKey };
  const spareKey = { current: await createApiKey(stage) };
  // A call depends on these processes; readiness and the call log also depend on the control plane.
  const onItsWay = [...stage.edges, ...stage.dataPlanes, stage.redis];
  using lag = watchLag(() => onItsWay.map(({ pid }) => pid()));
  using controlPlaneLag = watchLag(() => [stage.controlPlane.pid()]);
  const startedAt = monotonicMs();
  const wallStartedAt = Date.now();
  const load = startLoad({
    seed: options.seed,
    rate: options.rate,
    lag,
    targets: stage.edges.map(({ name, url }) => ({ edge: name, url: `${url}/mcp/${stage.server.id}` })),
    chooseApiKey: (number) => (number % SPARE_KEY_EVERY === 0 ? spareKey.current : mainKey),
  });
  const rest = (ms: number) => delay(ms, undefined, { signal }).catch(() => undefined);
  const adjustRate = () => fitRate(load, say);
  const injections: FaultInjection[] = [];

  /** Returns false if the platform did not recover: later results would then mean nothing. */
  async function inject({ faults, holdMs, number }: Planned): Promise<boolean> {
    const notes: string[] = [];
    const note = (line: string) => void notes.push(line);
    const ends: EndFault[] = [];
    const from = monotonicMs();
    const injected = faults.map(async (fault, index) => {
      const random = createRandom(options.seed, `injection ${number} ${index}`);
      await rest(index * random.between(0, PAIR_MS_APART_MAX));
      const failed = (error: unknown) => note(`not injected: ${error}`);
      const end = await fault.inject({ stage, random, spareKey, note }).catch(failed);
      if (end !== undefined) ends.push(end);
    });
    await Promise.all(injected);
    await rest(holdMs);
    // The faults end at the same time: a service that is started becomes ready only if Redis is also running again.
    const isRestored = (await Promise.all(ends.map((end) => endFault(end, notes)))).every(Boolean);
    const to = monotonicMs();
    const timeoutMs = isRestored ? HEALTHY_MS_MAX : 0;
    const { recoveredMs, wrong } = await waitUntilHealthy(stage, mainKey, load.running, timeoutMs);
    const names = faults.map(({ name }) => name);
    const upstreamDelayMs = Math.max(...faults.map((fault) => fault.upstreamDelayMs ?? 0));
    if (wrong.length > 0) notes.push(`last wrong: ${wrong.join('; ')}`);
    const now = monotonicMs();
    const lagMs = Math.round(Math.max(lag.between(to, now), controlPlaneLag.between(to, now)));
    const rowsLagMs = Math.round(controlPlaneLag.between(from - ROWS_MS, to));
    injections.push({ faults: names, from, to, recoveredMs, lagMs, rowsLagMs, upstreamDelayMs, notes });
    say(toProgress(injections.length, injections.at(-1), load.attempts.length, until - monotonicMs()));
    return isRestored && recoveredMs !== undefined;
  }

  await rest(WARM_UP_MS);
  adjustRate();
  const before = await readLevels(stage);
  const faults = chooseFaults(options).filter(
    ({ needsClocks }) => needsClocks === undefined || stage.clockProblem === undefined,
  );
  for (const planned of planInjections(options.seed, faults)) {
    if (signal.aborted || monotonicMs() + planned.holdMs > until) break;
    if (!(await inject(planned))) break;
    await waitForUpstream(stage, mainKey);
    await rest(QUIET_MS);
    adjustRate();
  }
  say(`the load ends; ${load.running()} calls are under way`);
  await load.stop();
  await waitUntilHealthy(stage, mainKey, load.running, HEALTHY_MS_MAX);
  const expectedRows = load.attempts.filter(
    ({ reported }) => reported !== 'refused' && reported !== 'unreached',
  ).length;
  const unread: string[] = [];
  const orUnread = async <T>(what: string, reading: Promise<T>): Promise<T | undefined> =>
    reading.catch((error: unknown) => void unread.push(`${what}: ${error}`));
  const since = new Date(wallStartedAt - 150_000);
  // The levels are read before the call log, because an export of all rows takes memory itself.
  const after = await orUnread('memory and keys', readLevels(stage));
  const rows = await orUnread('the call log', readRows(stage.platform, since, expectedRows));
  const levels = [...compareLevels(before, after ?? []), ...(await readLeftovers(stage))];
  return {
    attempts: load.attempts,
    requests: await stage.recorder.readJournal(),
    ...(rows === undefined ? {} : { rows }),
    unread,
    injections,
    processEvents: stage.processEvents,
    levels,
    startedAt,
    rate: load.rate,
    heldBack: load.heldBack,
  };
}

async function endFault(end: EndFault, notes: string[]): Promise<boolean> {
  for (let attempt = 1; attempt <= END_ATTEMPTS_MAX; attempt += 1) {
    try {
      await end();
      return true;
    } catch (error) {
      notes.push(`did not end: ${error}`);
      await delay(1_000);
    }
  }
  return false;
}

function toProgress(count: number, injection: FaultInjection | undefined, calls: number, leftMs: number): string {
  const { faults = [], from = 0, to = 0, recoveredMs } = injection ?? {};
  const healthy = recoveredMs === undefined ? 'NOT HEALTHY' : `healthy after ${(recoveredMs / 1000).toFixed(1)} s`;
  const lasted = `${((to - from) / 1000).toFixed(1)} s`;
  const left = `${Math.max(0, leftMs / 60_000).toFixed(1)} min left`;
  return `${String(count).padStart(4)}  ${faults.join(' + ')}: ${lasted}, ${healthy}; ${calls} attempts, ${left}`;
}
