import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import {
  AppError,
  type Json,
  type Plan,
  type Recording,
  type Replay,
  type ReplayRequest,
  replayedCallSchema,
  replaySchema,
} from '@toolplane/contracts';
import { digestOf } from '@toolplane/sealing';
import { type Commands, toServerPool } from '../../platform/commands/commands.ts';
import type { Database, Transaction } from '../../platform/database/database.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import type { Deployments } from '../../servers/deployments/deployments.ts';
import { toPublishedPlan } from '../../servers/deployments/published-plan.ts';
import { readSelectedTools } from '../../servers/selected-tools/selected-tools.ts';
import { getServer, type Server } from '../../servers/server-record.ts';

/**
 * Runs recorded calls again with their recorded responses: with the plan that ran then, or the current plan of the
 * tool.
 */
export type Replays = {
  /** Throws `not_found` if the server does not have the plan or the tool. */
  replay(
    principal: Principal,
    idOrSlug: string,
    recording: Recording,
    against: 'recorded' | 'current',
  ): Promise<Replay>;
};

const REPLAY_BYTES_MAX = 64 * 1024 * 1024;

export function createReplays(options: {
  database: Database;
  commands: Commands;
  deployments: Pick<Deployments, 'findActivePlans' | 'readEarlierPlans'>;
}): Replays {
  const { database, commands, deployments } = options;

  /** Lists the current plans of a tool as they are published. The server's own plans come first. */
  async function listCurrent(tx: Transaction, server: Server, tool: string): Promise<Plan[]> {
    const { plans } = await deployments.findActivePlans(tx, server.id);
    const own = plans.map((plan) => toPublishedPlan(plan, server));
    const selected = (await readSelectedTools(tx, server))?.tools ?? [];
    const others = selected.map(({ plan, ...settings }) => toPublishedPlan(plan, settings));
    return [...own, ...others].filter((plan) => plan.tool === tool);
  }

  async function findRecorded(tx: Transaction, server: Server, { tool, plan_digest }: Recording): Promise<Plan> {
    const isRecorded = (plan: Plan) => digestOf(plan as Json) === plan_digest;
    const current = (await listCurrent(tx, server, tool)).find(isRecorded);
    if (current !== undefined) return current;
    for await (const plan of deployments.readEarlierPlans(tx, server.id, tool)) {
      const published = toPublishedPlan(plan, server);
      if (isRecorded(published)) return published;
    }
    const message = `No stored deployment of this server has the plan that ran ${tool} in the recording: replay it against the current plan (against: current)`;
    throw new AppError('not_found', message);
  }

  async function findCurrent(tx: Transaction, server: Server, { tool }: Recording): Promise<Plan> {
    const [plan] = await listCurrent(tx, server, tool);
    if (plan === undefined) throw new AppError('not_found', `The server runs nothing named ${tool}`);
    return plan;
  }

  return {
    async replay(principal, idOrSlug, recording, against) {
      const { plan, pool } = await database.within(principal, async (tx) => {
        const server = await getServer(tx, idOrSlug);
        const find = against === 'current' ? findCurrent : findRecorded;
        return { plan: await find(tx, server, recording), pool: server.pool };
      });
      const request: ReplayRequest = { plan, recording };
      const gzipped = (await gzipBytes(JSON.stringify(request))).toString('base64');
      const answer = await commands.send(toServerPool({ workspaceId: plan.workspaceId, pool }), {
        command: 'replay_call',
        gzipped,
      });
      const bytes = await gunzipBytes(Buffer.from(replayedCallSchema.parse(answer).gzipped, 'base64'), {
        maxOutputLength: REPLAY_BYTES_MAX,
      });
      return replaySchema.parse(JSON.parse(bytes.toString()));
    },
  };
}

const gzipBytes = promisify<string, Buffer>(gzip);
const gunzipBytes = promisify(gunzip);
