import type { Span } from '@opentelemetry/api';
import type { DeliveredCall } from '@toolplane/bus';
import type { JsonObject, ToolCall } from '@toolplane/contracts';
import type { Scope } from '@toolplane/expressions';
import type { SecretValue } from '@toolplane/service-kit';
import type { HttpClient } from '../egress/http-client.ts';
import type { SecretCache } from '../secrets/secret-cache.ts';
import type { Clock } from './clock.ts';
import type { KeptBytes } from './kept-bytes.ts';
import type { PreparedPlan } from './prepare-plan.ts';
import { createRedactor, formsOf, formsOfSecret, type RedactedValue, type Redactor } from './redact.ts';
import { createStepEvents, type StepTry } from './step-events.ts';
import type { NamedSecret } from './step-secrets.ts';

/** What every run needs and no run owns. */
export type RunTools = {
  client: HttpClient;
  secrets: Pick<SecretCache, 'get' | 'expire'>;
  clock: Clock;
  /** A fault of ours: for the log, never for the caller. */
  onInternalError(error: unknown): void;
};

/** One call of a tool. */
export type PlanCall = Pick<ToolCall, 'arguments' | 'caller' | 'abilities' | 'inputResponses' | 'state' | 'events'> &
  Pick<DeliveredCall, 'deadline' | 'signal' | 'notify'> & { span: Span };

/** How far a call has come. */
export type Run = {
  readonly prepared: PreparedPlan;
  readonly call: PlanCall;
  readonly tools: RunTools;
  readonly deadline: number;
  /** Holds no secrets: they are there only while a request is built. */
  readonly scope: Scope;
  /** By value: one that was rotated in the middle of the run is still kept in. */
  readonly secretsUsed: Map<SecretValue, NamedSecret>;
  readonly keptBytes: KeptBytes;
  readonly tellOfStep: ((tried: StepTry) => void) | undefined;
  /** Something may have reached an upstream. */
  isAnythingSent: boolean;
  stepId: string | undefined;
  /** Of the last answer to the current step. */
  status: number | undefined;
};

export function startRun(prepared: PreparedPlan, call: PlanCall, tools: RunTools): Run {
  const { token, config } = call.caller;
  return {
    ...{ prepared, call, tools },
    deadline: Math.min(call.deadline, tools.clock.now() + prepared.plan.deadlineMs),
    scope: {
      inputs: call.arguments,
      steps: Object.create(null),
      outputs: emptyOutputs(),
      secrets: {},
      current_user: token === undefined ? {} : { token },
      config,
    },
    secretsUsed: new Map(),
    keptBytes: new Map(),
    tellOfStep: createStepEvents(prepared, call),
    isAnythingSent: false,
    stepId: undefined,
    status: undefined,
  };
}

export function emptyOutputs(): JsonObject {
  return Object.create(null);
}

/** Covers the secrets that were used and what the caller sent along for the upstreams. */
export function redactorOf({ prepared, call, secretsUsed }: Run): Redactor {
  const values: RedactedValue[] = [];
  for (const { name, value } of secretsUsed.values()) values.push({ name, forms: formsOfSecret(value) });
  const { token, config } = call.caller;
  if (prepared.mayUseToken && token !== undefined) {
    values.push({ name: 'current_user.token', forms: formsOf(token) });
  }
  if (prepared.mayUseConfig) {
    for (const [name, value] of Object.entries(config)) values.push({ name: `config.${name}`, forms: formsOf(value) });
  }
  return createRedactor(values);
}
