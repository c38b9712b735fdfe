/*
 * The tree of one run (Flower §5): `flow.run` → `step.run` → `action.run`, built from the events of the run. The tree
 * of a call is the same whether it is followed live, exported, replayed or returned by the run endpoint.
 */
import { z } from 'zod';
import {
  type DebugCallEvent,
  type DebugEvent,
  type DebugValue,
  debugDecisionSchema,
  debugErrorSchema,
  debugRequestSchema,
  debugResponseSchema,
} from './debug-event.ts';
import { jsonSchema } from './json.ts';

const bodySchema = jsonSchema.optional();
/** Paths of values in this node that are not complete, such as `response.body`. */
const cut = z.array(z.string()).optional();

export const exchangeSchema = z.strictObject({
  duration_ms: z.number(),
  request: z.strictObject({ ...debugRequestSchema.shape, body: bodySchema }),
  response: z.strictObject({ ...debugResponseSchema.shape, body: bodySchema }).optional(),
  error: debugErrorSchema.optional(),
  cut,
});
export type TraceExchange = z.infer<typeof exchangeSchema>;

const actionRunSchema = z.strictObject({
  type: z.literal('action.run'),
  duration_ms: z.number(),
  action: z.strictObject({ type: z.string(), wait_ms: z.number().optional(), to: z.string().optional() }),
  decision: debugDecisionSchema.optional(),
});
export type ActionRun = z.infer<typeof actionRunSchema>;

export type StepRun = {
  type: 'step.run';
  duration_ms: number;
  step_id: string;
  attempt: number;
  /** The last request that it sent. */
  request?: TraceExchange['request'] | undefined;
  response?: TraceExchange['response'];
  /** All exchanges, if there are several: pages, and requests that were refused. */
  exchanges?: TraceExchange[] | undefined;
  outputs?: z.infer<typeof jsonSchema> | undefined;
  error?: z.infer<typeof debugErrorSchema> | undefined;
  /** Set if no action followed the step: why the step led nowhere. */
  decision?: z.infer<typeof debugDecisionSchema> | undefined;
  cut?: string[] | undefined;
  children: (FlowRun | StepRun | ActionRun)[];
};

export type FlowRun = {
  type: 'flow.run';
  duration_ms: number;
  /** The tool, or the workflow that a step called. */
  flow_id: string;
  inputs?: z.infer<typeof jsonSchema> | undefined;
  outputs?: z.infer<typeof jsonSchema> | undefined;
  outcome?: string | undefined;
  error?: z.infer<typeof debugErrorSchema> | undefined;
  cut?: string[] | undefined;
  events_left_out?: number | undefined;
  notes?: string[] | undefined;
  children: (FlowRun | StepRun)[];
};

const stepRunSchema: z.ZodType<StepRun> = z.lazy(() =>
  z.strictObject({
    type: z.literal('step.run'),
    duration_ms: z.number(),
    step_id: z.string(),
    attempt: z.int(),
    request: exchangeSchema.shape.request.optional(),
    response: exchangeSchema.shape.response,
    exchanges: z.array(exchangeSchema).optional(),
    outputs: jsonSchema.optional(),
    error: debugErrorSchema.optional(),
    decision: debugDecisionSchema.optional(),
    cut,
    children: z.array(z.union([flowRunSchema, stepRunSchema, actionRunSchema])),
  }),
);

export const flowRunSchema: z.ZodType<FlowRun> = z.lazy(() =>
  z.strictObject({
    type: z.literal('flow.run'),
    duration_ms: z.number(),
    flow_id: z.string(),
    inputs: jsonSchema.optional(),
    outputs: jsonSchema.optional(),
    outcome: z.string().optional(),
    error: debugErrorSchema.optional(),
    cut,
    events_left_out: z.int().optional(),
    notes: z.array(z.string()).optional(),
    children: z.array(z.union([flowRunSchema, stepRunSchema])),
  }),
);

type Placed = { seq: number; node: FlowRun | StepRun };

/**
 * The tree of the events of one call, in any order. Events of other calls are ignored. If the run has not ended, or if
 * events are lost, the tree contains what is known. Undefined if there are no events at all.
 */
export function assembleTrace(events: readonly DebugEvent[], callId?: string): FlowRun | undefined {
  const ofCalls = events.filter((event): event is DebugCallEvent => event.kind !== 'lost');
  const id = callId ?? ofCalls[0]?.call_id;
  const known = new Map(ofCalls.filter((event) => event.call_id === id).map((event) => [event.seq, event]));
  if (known.size === 0) return undefined;
  const sorted = [...known.values()].sort((one, other) => one.seq - other.seq);
  const root: FlowRun = { type: 'flow.run', duration_ms: 0, flow_id: '', children: [] };
  /** Nodes that have ended and whose parents have not, by their path. */
  const open = new Map<string, Placed[]>();
  const exchanges = new Map<string, TraceExchange[]>();

  const place = (path: string, seq: number, node: FlowRun | StepRun) => {
    open.set(path, [...(open.get(path) ?? []), { seq, node }]);
  };
  const takeBelow = (path: string) => {
    const taken = [...open].filter(([key]) => key.startsWith(path));
    for (const [key] of taken) open.delete(key);
    return taken
      .flatMap(([, placed]) => placed)
      .sort((one, other) => one.seq - other.seq)
      .map(({ node }) => node);
  };

  for (const event of sorted) {
    switch (event.kind) {
      case 'call':
        Object.assign(root, { flow_id: event.tool }, shown(root, 'inputs', event.inputs));
        break;
      case 'exchange': {
        const key = placeOf(event);
        exchanges.set(key, [...(exchanges.get(key) ?? []), toExchange(event)]);
        break;
      }
      case 'step': {
        const key = placeOf(event);
        place(
          event.path,
          event.seq,
          toStepRun(event, exchanges.get(key) ?? [], takeBelow(`${event.path}${event.step_id}/`)),
        );
        exchanges.delete(key);
        break;
      }
      case 'flow':
        place(event.path, event.seq, toFlowRun(event, takeBelow(event.path)));
        break;
      case 'end':
        Object.assign(root, {
          duration_ms: event.duration_ms,
          outcome: event.outcome,
          ...shown(root, 'outputs', event.outputs),
          ...pick(event, ['error', 'notes', 'events_left_out']),
        });
    }
  }
  // For steps that have not ended, only the requests are known.
  for (const [key, sent] of exchanges) {
    const { path, step_id, attempt } = JSON.parse(key) as Place;
    const step: StepRun = { type: 'step.run', duration_ms: 0, step_id, attempt, children: [] };
    place(path, Number.POSITIVE_INFINITY, { ...step, ...toSent(step, sent) });
  }
  root.children = takeBelow('');
  return root;
}

type Place = { path: string; step_id: string; attempt: number };
const placeOf = ({ path, step_id, attempt }: Place) => JSON.stringify({ path, step_id, attempt });

function toStepRun(
  event: Extract<DebugCallEvent, { kind: 'step' }>,
  sent: TraceExchange[],
  inside: (FlowRun | StepRun)[],
): StepRun {
  const { duration_ms, step_id, attempt, action, decision, outputs } = event;
  const run: StepRun = { type: 'step.run', duration_ms, step_id, attempt, children: [] };
  Object.assign(run, toSent(run, sent), shown(run, 'outputs', outputs), pick(event, ['error']));
  const why = decision === undefined ? {} : { decision };
  if (action === undefined) Object.assign(run, why);
  const ended: ActionRun[] =
    action === undefined ? [] : [{ type: 'action.run', duration_ms: action.wait_ms ?? 0, action, ...why }];
  run.children = [...inside, ...ended];
  return run;
}

function toFlowRun(event: Extract<DebugCallEvent, { kind: 'flow' }>, children: (FlowRun | StepRun)[]): FlowRun {
  const { duration_ms, flow_id, inputs, outputs } = event;
  const run: FlowRun = { type: 'flow.run', duration_ms, flow_id, children };
  return Object.assign(run, shown(run, 'inputs', inputs), shown(run, 'outputs', outputs), pick(event, ['error']));
}

export function toExchange(event: Extract<DebugCallEvent, { kind: 'exchange' }>): TraceExchange {
  const { duration_ms, request, response } = event;
  const { body: sent, ...head } = request;
  const exchange: TraceExchange = { duration_ms, request: head };
  Object.assign(exchange.request, shown(exchange, 'request.body', sent));
  if (response !== undefined) {
    const { body: got, ...status } = response;
    exchange.response = status;
    Object.assign(exchange.response, shown(exchange, 'response.body', got));
  }
  return Object.assign(exchange, pick(event, ['error']));
}

function toSent(step: StepRun, sent: TraceExchange[]): Partial<StepRun> {
  const last = sent.at(-1);
  if (last === undefined) return {};
  if (last.cut !== undefined) step.cut = [...(step.cut ?? []), ...last.cut];
  return { ...pick(last, ['request', 'response']), ...(sent.length === 1 ? {} : { exchanges: sent }) };
}

/** The value, under the last segment of its path. If it is not complete, this is noted on the node. */
function shown(node: { cut?: string[] | undefined }, place: string, shownValue: DebugValue | undefined) {
  if (shownValue === undefined) return {};
  if (shownValue.is_cut || shownValue.is_binary) node.cut = [...(node.cut ?? []), place];
  const name = place.slice(place.lastIndexOf('.') + 1);
  return shownValue.value === undefined ? {} : { [name]: shownValue.value };
}

function pick<Of extends object, Name extends keyof Of>(from: Of, names: readonly Name[]): Partial<Pick<Of, Name>> {
  const picked: Partial<Pick<Of, Name>> = {};
  for (const name of names) if (from[name] !== undefined) picked[name] = from[name];
  return picked;
}
