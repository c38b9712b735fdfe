import type { Span } from '@opentelemetry/api';
import type { DeliveredCall, RateLimits } from '@toolplane/bus';
import type { CredentialRef, JsonObject, SecretRef, ToolCall } from '@toolplane/contracts';
import type { ResponseScope, Scope } from '@toolplane/expressions';
import type { SecretValue } from '@toolplane/service-kit';
import type { HttpClient } from '../egress/http-client.ts';
import type { Work } from '../events.ts';
import type { ConnectionPool } from '../external-mcp/connection-pool.ts';
import type { ConnectLinks } from '../secrets/connect-links.ts';
import type { TokenExchange } from '../secrets/exchanged-tokens.ts';
import type { Grants } from '../secrets/grants.ts';
import type { SecretCache } from '../secrets/secret-cache.ts';
import type { TokenCache } from '../secrets/tokens.ts';
import type { Clock } from './clock.ts';
import type { ChainCache } from './connections/chains.ts';
import type { Fingerprint } from './connections/fingerprint.ts';
import type { UpstreamCount } from './count-upstreams.ts';
import type { Debugging, RunTrace } from './debugging.ts';
import { servicesIn } from './environment.ts';
import type { ExternalTokens } from './external/external-tokens.ts';
import type { KeptBytes } from './kept-bytes.ts';
import type { PreparedPlan, PreparedWorkflow } from './prepare-plan.ts';
import { createRedactor, type RedactedValue, type Redactor } from './redact.ts';
import { formsOf, formsOfSecret } from './redacted-forms.ts';
import { createStepEvents, type StepTry } from './step-events.ts';
import type { NamedSecret } from './step-secrets.ts';
import type { Visit } from './visit.ts';

/** What every run needs but does not own. */
export type RunServices = {
  client: HttpClient;
  secrets: Pick<SecretCache, 'get' | 'expire'>;
  tokens: TokenCache;
  /** These six are for plans with a connection. */
  grants: Grants;
  exchange: TokenExchange;
  chains: ChainCache;
  externalServers: ConnectionPool;
  externalTokens: ExternalTokens;
  rateLimits: Pick<RateLimits, 'take'>;
  links: Pick<ConnectLinks, 'seal'>;
  fingerprint: Fingerprint;
  /** When each version of a server's secret was last sent. */
  noteSecretUse(ref: Required<SecretRef>): void;
  clock: Clock;
  /** An internal error: for the log, never for the caller. */
  onInternalError(error: unknown, work?: Work): void;
};

/** One call of a tool. */
export type PlanCall = Pick<
  ToolCall,
  'arguments' | 'caller' | 'hops' | 'abilities' | 'canAskMeanwhile' | 'inputResponses' | 'state' | 'events'
> &
  Pick<DeliveredCall, 'deadline' | 'signal' | 'report' | 'notify' | 'ask' | 'leaveSlot'> & {
    span: Span;
    /** Random: whatever is sent to upstreams is named by it. */
    callId: string;
    /** A test of a connection: with these credentials only, or with those of a caller without a name. */
    test?: { credential?: CredentialRef };
  } & Partial<Debugging>;

/** How far a call has come. */
export type Run = {
  readonly prepared: PreparedPlan;
  readonly call: PlanCall;
  readonly services: RunServices;
  readonly deadline: number;
  /** By value: a secret that was rotated in the middle of the run is still masked. */
  readonly secretsUsed: Map<SecretValue, NamedSecret>;
  readonly keptBytes: KeptBytes;
  readonly upstreams: UpstreamCount;
  readonly tellOfStep: ((tried: StepTry) => void) | undefined;
  readonly trace: RunTrace | undefined;
  /** Those that were started in this call, by their index in the plan; outputs are there once one has succeeded. */
  readonly workflows: Record<string, { inputs: JsonObject; outputs: JsonObject }>;
  /** Indexes of those that have succeeded at least once. */
  readonly completed: Set<number>;
  /** The step in which an error arose: it may be recovered from, or pass through many workflows. */
  readonly failedSteps: WeakMap<Error, FailedStep>;
  stepsRun: number;
  /** Something may have reached an upstream. */
  isAnythingSent: boolean;
  /** The answer to a request that was sent never arrived completely. */
  isAnythingUnanswered: boolean;
  /** An upstream has done what it was asked for, and repeating the call would do it once more. */
  hasTakenEffect: boolean;
};

/** `response` is present when the upstream did answer. */
export type FailedStep = { stepId: string; status: number | undefined; response: ResponseScope | undefined };

/** One run of a workflow: of the tool itself, or of one that a step calls. */
export type WorkflowRun = {
  readonly run: Run;
  readonly workflow: PreparedWorkflow;
  /** Holds no secrets: they are in it only while a request is built. */
  readonly scope: Scope;
  /** The names of the steps that led here, each followed by a `/`. */
  readonly path: string;
  /** The same for the visits to them. */
  readonly visitPath: string;
  /** The visit of the step that called it. */
  readonly calledBy: Visit | undefined;
  /** How often each step was reached, by index. */
  readonly visits: Map<number, number>;
  readonly depth: number;
  /** The deadline of the call, or an earlier one where a step gave its workflow less time. Unix milliseconds. */
  readonly deadline: number;
  /** Indexes of steps whose last try succeeded. */
  readonly succeeded: Set<number>;
  /** The status of the last answer that any step got. */
  status: number | undefined;
};

export type WorkflowPosition = Pick<WorkflowRun, 'path' | 'visitPath' | 'calledBy' | 'depth' | 'deadline'>;

export function startRun(prepared: PreparedPlan, call: PlanCall, services: RunServices): Run {
  return {
    prepared,
    call,
    services: call.environment === undefined ? services : servicesIn(call.environment, services, prepared.plan),
    deadline: Math.min(call.deadline, services.clock.now() + prepared.plan.deadlineMs),
    secretsUsed: new Map(),
    keptBytes: new Map(),
    upstreams: { begun: 0, underWay: 0, since: 0 },
    tellOfStep: createStepEvents(prepared, call),
    trace: call.trace,
    workflows: Object.create(null),
    completed: new Set(),
    failedSteps: new WeakMap(),
    stepsRun: 0,
    isAnythingSent: false,
    isAnythingUnanswered: false,
    hasTakenEffect: false,
  };
}

export function startWorkflow(
  run: Run,
  workflow: PreparedWorkflow,
  inputs: JsonObject,
  position: WorkflowPosition = { path: '', visitPath: '', calledBy: undefined, depth: 0, deadline: run.deadline },
): WorkflowRun {
  const { token, config } = run.call.caller;
  const scope: Scope = {
    inputs,
    steps: Object.create(null),
    outputs: emptyOutputs(),
    workflows: run.workflows,
    secrets: {},
    current_user: token === undefined ? {} : { token },
    config,
  };
  const { path, visitPath, calledBy, depth, deadline } = position;
  const started = { visits: new Map(), succeeded: new Set<number>(), status: undefined };
  return { run, workflow, scope, path, visitPath, calledBy, depth, deadline, ...started };
}

export function emptyOutputs(): JsonObject {
  return Object.create(null);
}

/** Whether expressions or a trace name what a request was made of. */
export function isRequestShown({ prepared, trace }: Run): boolean {
  return prepared.isRequestSeen || trace !== undefined;
}

/** Covers the secrets that were used and what the caller sent for the upstreams: for what leaves the run. */
export const redactorOf = onceForSecrets((run) => createRedactor([...credentialsOf(run), ...configurationOf(run)]));

/**
 * Covers the secrets that were used and the caller's token: for what upstreams echo, before the run uses it. The
 * configuration is the caller's own and often an ordinary word, which conditions must find as it is.
 */
export const echoRedactorOf = onceForSecrets((run) => createRedactor(credentialsOf(run)));

/** Made anew when a secret is added to the run. */
function onceForSecrets(make: (run: Run) => Redactor): (run: Run) => Redactor {
  const made = new WeakMap<Run, { count: number; redactor: Redactor }>();
  return (run) => {
    const count = run.secretsUsed.size;
    const known = made.get(run);
    if (known?.count === count) return known.redactor;
    const redactor = make(run);
    made.set(run, { count, redactor });
    return redactor;
  };
}

function credentialsOf({ prepared, call, secretsUsed }: Run): RedactedValue[] {
  const values = [...secretsUsed.values()].map(({ name, value }) => ({ name, forms: formsOfSecret(value) }));
  const { token } = call.caller;
  if (!prepared.mayUseToken || token === undefined) return values;
  return [...values, { name: 'current_user.token', forms: formsOf(token) }];
}

function configurationOf({ prepared, call }: Run): RedactedValue[] {
  if (!prepared.mayUseConfig) return [];
  return Object.entries(call.caller.config).map(([name, value]) => ({ name: `config.${name}`, forms: formsOf(value) }));
}
