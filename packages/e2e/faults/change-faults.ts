import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { projectFolder, SOURCE_FLAGS } from '@toolplane/local/services';
import type { CampaignKey } from './client.ts';
import type { Fault, FaultContext } from './fault.ts';
import { monotonicMs } from './monotonic.ts';
import type { Stage } from './stage.ts';

/*
 * Changes that people make to a platform while it is in use. Calls must not notice any of them, except calls with a
 * revoked key.
 */

type NewKey = { id: string; key: string };
type Deployment = { id: string; state?: string; status?: string };

const nothing = () => undefined;

/** A change that is refused because another component is unavailable is no finding: it was not made. */
function change(name: string, make: (context: FaultContext) => Promise<unknown>): Fault {
  return {
    name,
    touches: ['changes'],
    holdMs: [500, 2_000],
    async inject(context) {
      const refused = (error: unknown) => context.note(`${name}: refused: ${String(error).slice(0, 200)}`);
      const made = make(context).catch(refused);
      // While the control plane is frozen by another fault, the change ends only after that fault has.
      return async () => void (await made);
    },
  };
}

export async function createApiKey({ platform }: Pick<Stage, 'platform'>): Promise<CampaignKey & { id: string }> {
  const permissions = ['tools:call'];
  const made = await platform.rest.call<NewKey>('POST', '/api-keys', { name: 'faults', permissions });
  if (made === undefined) throw new Error('no API key was created');
  return { id: made.id, value: made.key };
}

export const changeFaults: readonly Fault[] = [
  change('deployment', ({ stage, random }) => stage.deploy(Math.floor(random.between(1, 1e9)))),
  change('rollback', async ({ stage }) => {
    const path = `/mcp-servers/${stage.server.id}/deployments`;
    const [, before] = (await stage.platform.rest.call<Deployment[]>('GET', path)) ?? [];
    if (before !== undefined) await stage.platform.rest.call('POST', `${path}/${before.id}/rollback`);
  }),
  change('secret replaced', ({ stage }) => stage.setSecret(randomBytes(16).toString('hex'))),
  change('API key revoked', async ({ stage, spareKey }) => {
    const revoked = spareKey.current;
    spareKey.current = await createApiKey(stage);
    await stage.platform.rest.call('DELETE', `/api-keys/${revoked.id}`);
    revoked.revokedAt = monotonicMs();
  }),
  change('API key rotated', async ({ stage, spareKey }) => {
    const path = `/api-keys/${spareKey.current.id}/rotate`;
    const made = await stage.platform.rest.call<NewKey>('POST', path, { overlapSeconds: 3600 });
    if (made !== undefined) spareKey.current = { id: made.id, value: made.key };
  }),
  change('sealing key rotated', async ({ stage }) => {
    const program = 'services/data-plane/src/rotate-sealing-key.ts';
    const options = { cwd: projectFolder, env: { PATH: process.env['PATH'], ...stage.secretStoreSettings } };
    await promisify(execFile)(process.execPath, [...SOURCE_FLAGS, program], options);
  }),
  {
    name: 'call keys rotated, by rolling restarts',
    touches: ['changes', 'edge', 'data plane'],
    holdMs: [0, 500],
    isLong: true,
    isAlone: true,
    async inject({ stage, note }) {
      const old = stage.environment['CALL_KEYS'] ?? stage.callKeys;
      const fresh = `k${monotonicMs().toFixed(0)}:${randomBytes(32).toString('base64')}`;
      // Data sealed with an old key lives longer than a campaign waits, so the third step (removing the old key) is not
      // taken.
      for (const keys of [`${old},${fresh}`, `${fresh},${old}`]) {
        stage.environment['CALL_KEYS'] = keys;
        for (const actor of [...stage.edges, ...stage.dataPlanes]) {
          await actor.stop();
          await actor.start();
        }
      }
      note('each edge and data plane was restarted twice');
      return nothing;
    },
  },
];
