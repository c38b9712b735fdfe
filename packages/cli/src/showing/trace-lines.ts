import type { ActionRun, FlowRun, StepRun } from '@toolplane/contracts';

type TraceNode = FlowRun | StepRun | ActionRun;

/** The tree of a run: a line for each part and how long it took, followed by what it sent, received and returned. */
export function toTraceLines(node: TraceNode): string[] {
  return [
    ...describe(node),
    ...childrenOf(node)
      .flatMap(toTraceLines)
      .map((line) => `  ${line}`),
  ];
}

function childrenOf(node: TraceNode): readonly TraceNode[] {
  return node.type === 'action.run' ? [] : node.children;
}

function describe(node: TraceNode): string[] {
  if (node.type === 'action.run') return [describeAction(node)];
  const name = node.type === 'flow.run' ? node.flow_id : node.step_id;
  const attempt = node.type === 'step.run' && node.attempt > 1 ? `, attempt ${node.attempt}` : '';
  const details = node.type === 'flow.run' ? detailsOfFlow(node) : detailsOfStep(node);
  return [`${name} (${toDuration(node.duration_ms)}${attempt})`, ...details.map((line) => `  | ${line}`)];
}

function describeAction({ action }: ActionRun): string {
  const wait = action.wait_ms === undefined ? '' : ` after ${toDuration(action.wait_ms)}`;
  return `→ ${action.type}${action.to === undefined ? '' : ` ${action.to}`}${wait}`;
}

function detailsOfFlow({ inputs, outputs, error, notes = [] }: FlowRun): string[] {
  return [...value('inputs', inputs), ...value('outputs', outputs), ...toError(error), ...notes];
}

function detailsOfStep(step: StepRun): string[] {
  const sent = step.exchanges ?? (step.request === undefined ? [] : [step as Required<Pick<StepRun, 'request'>>]);
  const exchanges = sent.flatMap(({ request, response }: Pick<StepRun, 'request' | 'response'>) => [
    ...(request === undefined ? [] : [`${request.method} ${request.url}`, ...value('body', request.body)]),
    ...(response === undefined ? [] : [`${response.status}`, ...value('body', response.body)]),
  ]);
  return [...exchanges, ...value('outputs', step.outputs), ...toError(step.error)];
}

const LENGTH_MAX = 500;

function value(name: string, shown: unknown): string[] {
  if (shown === undefined) return [];
  const text = typeof shown === 'string' ? shown : JSON.stringify(shown);
  return [`${name}: ${text.length > LENGTH_MAX ? `${text.slice(0, LENGTH_MAX)}… (--json shows all)` : text}`];
}

function toError(error: FlowRun['error']): string[] {
  return error === undefined ? [] : [`${error.code}: ${error.message}`];
}

function toDuration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
