import type { SeenCaller } from '@toolplane/bus';
import { counter, type Logger } from '@toolplane/service-kit';
import type { Bus } from './connect-to-bus.ts';
import type { VersionFollowing } from './connectors/instances/follow-versions.ts';
import type { Domains } from './domains.ts';
import { createDecisionRecorder } from './operations/record-decisions.ts';
import type { Database } from './platform/database/database.ts';
import { logCallsLost } from './platform/events.ts';
import type { Publishing } from './publishing/publishing.ts';
import { createCatalogueFilling } from './servers/deployments/fill-catalogue.ts';

/** `everyMs` is the pause between the end of one run and the start of the next. */
type IntervalTask = { name: string; everyMs: number; run: () => Promise<unknown> };

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Lists everything that the control plane does periodically, without a request. */
export function listIntervalTasks(services: {
  domains: Domains;
  publishing: Publishing;
  following: VersionFollowing;
  /** Completes the start once PostgreSQL is available. */
  prepareIfNeeded: () => Promise<void>;
  probeDatabase: () => Promise<void>;
  bus: Bus;
  database: Database;
  logger: Logger;
}): IntervalTask[] {
  const { domains, publishing, following, prepareIfNeeded, probeDatabase, bus, database, logger } = services;
  const fillCatalogue = createCatalogueFilling({ database });
  const recordDecisions = createDecisionRecorder({ database, audit: domains.audit });
  const lostCalls = counter('toolplane_call_log_lost_total');

  async function noteSeen(seen: SeenCaller[]): Promise<void> {
    await domains.apiKeys.noteSeen(seen);
    await domains.agents.noteSeen(seen);
  }

  async function collectCalls(): Promise<void> {
    const lost = await bus.endedCalls.collect(domains.callLog.takeOver);
    lostCalls.inc(lost);
    if (lost > 0) logCallsLost(logger, lost);
  }

  const { authorizationServer, sessions, singleSignOn, throttle } = domains;
  const sessionSweeps = [
    sessions.sweep,
    ...(authorizationServer ? [authorizationServer.sweep] : []),
    singleSignOn.sweep,
    throttle.sweep,
  ];

  return [
    // Keeps the data that the other planes read complete, and also fills Redis again after it was emptied.
    { name: 'publishing', everyMs: SECOND, run: inTurn(prepareIfNeeded, publishing.catchUp) },
    { name: 'connector versions', everyMs: SECOND, run: inTurn(following.catchUp, fillCatalogue) },
    { name: 'sealing key', everyMs: MINUTE, run: domains.sealingKeys.refresh },

    // Updates the readiness of the process.
    { name: 'database', everyMs: 2 * SECOND, run: probeDatabase },

    // An external MCP server that is due waits at most this long for its check.
    { name: 'external servers', everyMs: SECOND, run: domains.externalServers.refreshDue },

    // These tasks collect what the other planes report.
    {
      name: 'secret uses',
      everyMs: 2 * SECOND,
      run: inTurn(...bus.secretUses.map((uses) => () => uses.collect(domains.secrets.noteUses))),
    },
    { name: 'seen callers', everyMs: SECOND, run: () => bus.seenCallers.collect(noteSeen) },
    { name: 'seen users', everyMs: SECOND, run: () => bus.seenUsers.collect(domains.externalUsers.noteSeen) },
    {
      name: 'approval requests',
      everyMs: SECOND / 2,
      run: () => bus.approvalRequests.collect(domains.approvals.noteApprovalRequests),
    },
    { name: 'decisions', everyMs: SECOND, run: () => bus.decisions.collect(recordDecisions) },
    { name: 'call log', everyMs: SECOND, run: collectCalls },

    // These tasks complete the audit log after PostgreSQL was unavailable or a process was killed.
    { name: 'late audit entries', everyMs: SECOND, run: domains.audit.writeLate },
    { name: 'interrupted changes', everyMs: HOUR, run: domains.audit.endInterrupted },

    // These tasks end what is no longer allowed: nobody debugs for longer than this after losing their key or role.
    { name: 'lost sessions', everyMs: 5 * SECOND, run: domains.debugSessions.endLost },
    { name: 'debug sessions', everyMs: SECOND, run: domains.debugSessions.sweep },

    // These tasks delete what is no longer needed: values in the secret store soon, records later.
    { name: 'secret sweep', everyMs: 2 * SECOND, run: domains.secrets.sweep },
    {
      name: 'credential sweep',
      everyMs: 2 * SECOND,
      run: inTurn(domains.credentials.sweep, domains.connectLinks.sweep, domains.externalSignIns.sweep),
    },
    { name: 'session sweep', everyMs: MINUTE, run: inTurn(...sessionSweeps) },
    { name: 'approvals', everyMs: MINUTE, run: domains.approvals.sweep },
    { name: 'old debug sessions', everyMs: HOUR, run: domains.debugSessions.forgetOld },
    { name: 'audit sweep', everyMs: HOUR, run: domains.audit.sweep },
    { name: 'call log sweep', everyMs: HOUR, run: domains.callLog.sweep },
    { name: 'plan sweep', everyMs: 6 * HOUR, run: publishing.sweepPlans },
  ];
}

/** Runs steps one after the other. If one fails, the remaining steps wait for the next run. */
function inTurn(...steps: (() => Promise<unknown>)[]): () => Promise<void> {
  return async () => {
    for (const step of steps) await step();
  };
}
