import { setTimeout as delay } from 'node:timers/promises';
import { type CampaignKey, sendRequest } from './client.ts';
import { monotonicMs } from './monotonic.ts';
import type { Stage } from './stage.ts';

const POLL_MS = 100;
/** A slower answer counts as no answer. */
const ANSWER_MS_MAX = 3_000;
const PAUSE_MS_MAX = 15_000;
/** Leases of calls that have just ended, of calls whose clients have left, and of abandoned probes. */
const LEASES_TOO_MANY_MAX = 10;

export type Recovery = { recoveredMs: number | undefined; wrong: string[] };

/**
 * Waits until every service is ready, a call through every edge is answered, and no more leases are held than calls are
 * in flight; `wrong` lists what was last found not to be so.
 */
export async function waitUntilHealthy(
  stage: Stage,
  apiKey: CampaignKey,
  running: () => number,
  timeoutMs: number,
): Promise<Recovery> {
  const from = monotonicMs();
  let wrong: string[] = [];
  for (;;) {
    const found = await findWrong(stage, apiKey, running);
    const recoveredMs = monotonicMs() - from;
    if (found.length === 0) return { recoveredMs, wrong };
    wrong = found;
    if (recoveredMs > timeoutMs) return { recoveredMs: undefined, wrong };
    await delay(POLL_MS);
  }
}

async function findWrong(stage: Stage, apiKey: CampaignKey, running: () => number): Promise<string[]> {
  const services = stage.actors.flatMap(({ name, readyUrl }) => (readyUrl === undefined ? [] : [{ name, readyUrl }]));
  const found = await Promise.all([
    ...services.map(async ({ name, readyUrl }) => {
      const answer = await ask(readyUrl);
      return answer?.ok ? undefined : `${name} is not ready: ${(await answer?.text())?.trim() ?? 'no answer'}`;
    }),
    ...stage.edges.map((edge) => callThrough(edge, 'probe', stage, apiKey)),
    (async () => {
      const leases = await readMetric(stage, 'toolplane_leases_in_use');
      const allowed = running() + LEASES_TOO_MANY_MAX;
      return leases <= allowed ? undefined : `${leases} leases, and at most ${allowed} calls`;
    })(),
  ]);
  return found.filter((each) => each !== undefined);
}

/**
 * Waits until the upstream is called again: a data plane pauses an upstream that failed ten times in a row for ten
 * seconds, and until that has ended nothing is broken.
 */
export async function waitForUpstream(stage: Stage, apiKey: CampaignKey): Promise<void> {
  const from = monotonicMs();
  while (monotonicMs() - from < PAUSE_MS_MAX) {
    const wrong = await Promise.all(stage.edges.map((edge) => callThrough(edge, 'read', stage, apiKey)));
    if (wrong.every((each) => each === undefined)) return;
    await delay(POLL_MS);
  }
}

async function callThrough(
  { name, url }: Stage['edges'][number],
  tool: 'probe' | 'read',
  { server }: Stage,
  apiKey: CampaignKey,
): Promise<string | undefined> {
  const target = { edge: name, url: `${url}/mcp/${server.id}` };
  const request = { id: 'probe', call: 'probe', tool, era: 'modern', isKeyed: false, apiKey } as const;
  const { reported, code } = await sendRequest({ ...request, cancelAfterMs: ANSWER_MS_MAX }, target, () => target);
  return reported === 'done' ? undefined : `a call through ${name}: ${reported} ${code ?? ''}`;
}

/** The sum of a metric's series of the calls queue at the first edge; 0 if there are none. */
export async function readMetric(stage: Stage, metric: string): Promise<number> {
  const url = stage.edges[0]?.readyUrl?.replace('readyz', 'metrics') ?? '';
  const text = (await (await ask(url))?.text()) ?? '';
  const lines = text.split('\n').filter((line) => line.startsWith(metric) && line.includes('queue="calls"'));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

async function ask(url: string): Promise<Response | undefined> {
  return fetch(url, { signal: AbortSignal.timeout(ANSWER_MS_MAX) }).catch(() => undefined);
}
