import { trace } from '@opentelemetry/api';
import {
  AppError,
  type CallEvent,
  type CredentialRef,
  type JsonObject,
  type Outcome,
  type Plan,
  type RunReport,
  type ToolCall,
} from '@toolplane/contracts';
import { SecretValue } from '@toolplane/service-kit';
import type { Clock } from '../src/execution/clock.ts';
import type { RunTrace } from '../src/execution/debugging.ts';
import type { Environment } from '../src/execution/environment.ts';
import { preparePlan } from '../src/execution/prepare-plan.ts';
import type { PlanCall, RunServices } from '../src/execution/run.ts';
import { runPlan } from '../src/execution/run-plan.ts';
import type { Secret } from '../src/secrets/secret-store.ts';
import { createTokenCache } from '../src/secrets/tokens.ts';
import { createConnectionServices } from './connection-services.ts';
import { openClient, resolveToLoopback } from './open-client.ts';

export type ToolRun = Partial<
  Pick<ToolCall, 'caller' | 'hops' | 'abilities' | 'canAskMeanwhile' | 'inputResponses' | 'state' | 'events'>
> & {
  inputs?: JsonObject;
  secrets?: Record<string, Secret | Error | Promise<never>>;
  deadline?: number;
  signal?: AbortSignal;
  clock?: Clock;
  /** Replaces services that a test does not need. */
  services?: Partial<RunServices>;
  test?: { credential?: CredentialRef };
  /** Collects what the run reports while it is in progress. */
  reported?: CallEvent[];
  onLeaveSlot?(): void;
  /** Collects what the run reports besides its outcome. */
  report?: RunReport;
  /** Answers questions during the run. */
  ask?: PlanCall['ask'];
  /** Set if a debugger watches the run. */
  trace?: RunTrace;
  callId?: string;
  environment?: Environment;
};

export const client = openClient({ resolve: resolveToLoopback });

const tokens = createTokenCache({ client });

/** Internal errors, which no run may cause. */
export const internalErrors: unknown[] = [];
/** The names of the secrets that a run has marked to be read again. */
export const expired: string[] = [];

/** The default caller, which is always the same. */
const SOMEBODY = { config: {}, sessionOwner: 'somebody' };

/** Runs a plan against real upstreams, with secrets that a test provides. */
export function runTool(plan: Plan, run: ToolRun = {}): Promise<Outcome> {
  const { inputs = {}, caller = SOMEBODY, clock = fakeClock(), ...rest } = run;
  return runPlan(
    preparePlan(plan),
    {
      callId: 'call',
      ...rest,
      arguments: inputs,
      caller,
      deadline: run.deadline ?? clock.now() + 30_000,
      signal: run.signal ?? new AbortController().signal,
      notify: (event) => run.reported?.push(event),
      ask: run.ask ?? (() => Promise.reject(new AppError('input_declined', 'Nobody is there to answer'))),
      leaveSlot: () => run.onLeaveSlot?.(),
      report: run.report ?? { upstreamMs: 0, upstreamRequests: 0 },
      span: trace.getTracer('test').startSpan('test'),
    },
    {
      ...createConnectionServices(client),
      client,
      clock,
      tokens,
      secrets: {
        async get({ name }) {
          const secret = run.secrets?.[name];
          if (secret instanceof Error) throw secret;
          return secret;
        },
        expire: ({ name }) => expired.push(name),
      },
      onInternalError: (error) => internalErrors.push(error),
      ...run.services,
    },
  );
}

export function secretOf(value: string, ...hosts: string[]): Secret {
  return { value: new SecretValue(value), hosts: hosts.length === 0 ? ['127.0.0.1'] : hosts, version: 1 };
}

/** A clock on which time only advances by waits, which are skipped and recorded. */
export function fakeClock(): Clock & { waits: number[] } {
  let nowMs = 1_000_000;
  const waits: number[] = [];
  return {
    waits,
    now: () => nowMs,
    async wait(ms, signal) {
      signal.throwIfAborted();
      waits.push(ms);
      nowMs += ms;
    },
  };
}
