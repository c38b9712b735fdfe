import type { Span } from '@opentelemetry/api';
import type { DeliveredCall, RateLimits } from '@toolplane/bus';
import type { CredentialRef, JsonObject, SecretRef, ToolCall } from '@toolplane/contracts';
import type { ResponseScope, Scope } from '@toolplane/expressions';
import type { SecretValue } from '@toolplane/service-kit';
import type { HttpClient } from '../egress/http-client.ts';
import type { LogContext } from '../events.ts';
import type { ConnectionPool } from '../external-mcp/connection-pool.ts';
import type { ConnectLinkSealer } from '../secrets/connect-links.ts';
import type { TokenExchange } from '../secrets/exchanged-tokens.ts';
import type { TokenGrants } from '../secrets/grants.ts';
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
import { createStepEvents, type EndedAttempt } from './step-events.ts';
import type { NamedSecret } from './step-secrets.ts';
import type { Visit } from './visit.ts';

/** The services that every run uses but does not own. */
export type RunServices = {
  client: HttpClient;
  secrets: Pick<SecretCache, 'get' | 'expire'>;
  tokens: TokenCache;
  /**
   * The members from here to `fingerprint` are for plans with a connection, except for `externalServers` and
   * `externalTokens`, which are for plans with an external server.
   */
  grants: TokenGrants;
  exchange: TokenExchange;
  chains: ChainCache;
  externalServers: ConnectionPool;
  externalTokens: ExternalTokens;
  rateLimits: Pick<RateLimits, 'take'>;
  links: Pick<ConnectLinkSealer, 'seal'>;
  fingerprint: Fingerprint;
  /** Records that this version of a server's secret has just been sent. */
  noteSecretUse(ref: Required<SecretRef>): void;
  clock: Clock;
  /** Logs an internal error, which the caller never sees. */
  onInternalError(error: unknown, work?: LogContext): void;
};

/** One call of a tool. */
export type PlanCall = Pick<
  ToolCall,
  'arguments' | 'caller' | 'hops' | 'abilities' | 'canAskMeanwhile' | 'inputResponses' | 'state' | 'events'
> &
  Pick<DeliveredCall, 'deadline' | 'signal' | 'report' | 'notify' | 'ask' | 'leaveSlot'> & {
    span: Span;
    /** A random id; idempotency keys that are sent to upstreams are derived from it. */
    callId: string;
    /**
     * Present for a test of a connection: it uses only these credentials or, if they are missing, those of a caller
     * without a name.
     */
    test?: { credential?: CredentialRef };
  } & Partial<Debugging>;

/** The state of a call. */
export type Run = {
  readonly prepared: PreparedPlan;
  readonly call: PlanCall;
  readonly services: RunServices;
  readonly deadline: number;
  /** Keyed by value, so that a secret that was rotated during the run is still masked. */
  readonly secretsUsed: Map<SecretValue, NamedSecret>;
  readonly keptBytes: KeptBytes;
  readonly upstreams: UpstreamCount;
  readonly reportStep: ((ended: EndedAttempt) => void) | undefined;
  readonly trace: RunTrace | undefined;
  /**
   * The workflows that were started in this call, by their index in the plan; the outputs are set once a workflow has
   * succeeded.
   */
  readonly workflows: Record<string, { inputs: JsonObject; outputs: JsonObject }>;
  /** The indexes of the workflows that have succeeded at least once. */
  readonly completed: Set<number>;
  /** The step in which each error arose: the error may be handled, or pass through many workflows. */
  readonly failedSteps: WeakMap<Error, FailedStep>;
  stepsRun: number;
  /** True if something may have reached an upstream. */
  isAnythingSent: boolean;
  /** True if the response to a request that was sent never arrived completely. */
  isAnythingUnanswered: boolean;
  /** True if an upstream has executed a request, so that repeating the call would execute it once more. */
  hasTakenEffect: boolean;
};

/** `response` is present if the upstream responded. */
export type FailedStep = { stepId: string; status: number | undefined; response: ResponseScope | undefined };

/** One run of a workflow: of the tool itself, or of a workflow that a step calls. */
export type WorkflowRun = {
  readonly run: Run;
  readonly workflow: PreparedWorkflow;
  /** Contains no secrets: they are added only while a request is built. */
  readonly scope: Scope;
  /** The names of the steps that led to this workflow, each followed by a `/`. */
  readonly path: string;
  /** The visits to these steps, in the same form. */
  readonly visitPath: string;
  /** The visit of the step that called this workflow. */
  readonly calledBy: Visit | undefined;
  /** The number of visits to each step, by its index. */
  readonly visits: Map<number, number>;
  readonly depth: number;
  /** The deadline of the call, or an earlier one if a step gave its workflow less time, in Unix milliseconds. */
  readonly deadline: number;
  /** The indexes of the steps whose last attempt succeeded. */
  readonly succeeded: Set<number>;
  /** The status of the last response that any step received. */
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
    upstreams: { begun: 0, inProgress: 0, since: 0 },
    reportStep: createStepEvents(prepared, call),
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

/** Returns whether expressions or a trace use the parts of a request. */
export function isRequestShown({ prepared, trace }: Run): boolean {
  return prepared.isRequestSeen || trace !== undefined;
}

/**
 * Masks the secrets that were used and the values that the caller sent for the upstreams, in everything that leaves the
 * run.
 */
export const redactorOf = onceForSecrets((run) => createRedactor([...credentialsOf(run), ...configurationOf(run)]));

/**
 * Masks the secrets that were used and the caller's token in responses, which may echo them, before the run uses the
 * responses. The configuration is not masked: it is the caller's own and often an ordinary word, which conditions must
 * find as it is.
 */
export const echoRedactorOf = onceForSecrets((run) => createRedactor(credentialsOf(run)));

/** A new redactor is made when a secret is added to the run. */
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
