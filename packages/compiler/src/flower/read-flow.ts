import type { Part } from '../document/part.ts';
import type { Flow, Step } from './model.ts';
import { readExpressions } from './read-expression.ts';
import { readInputs } from './read-inputs.ts';
import { readSecurity } from './read-security.ts';
import { readStep } from './read-step.ts';

const STEPS_MAX = 50;

const KEYS = ['id', 'description', 'inputs', 'steps', 'outputs', 'analytics', 'security'];

export function readFlow(part: Part): Flow {
  part.allowKeys(KEYS, { extensions: true });
  const description = part.member('description')?.text();
  const inputs = readInputs(part.member('inputs'));
  const stepParts = part.required('steps')?.items({ max: STEPS_MAX, what: 'steps' }) ?? [];
  const steps = stepParts.filter((step) => step.object()).map(readStep);
  addSecurity(part.member('security'), steps);
  return {
    part,
    id: readFlowId(part.required('id')),
    ...(description === undefined ? {} : { description }),
    ...(inputs === undefined ? {} : { inputs }),
    steps,
    outputs: readExpressions(part.member('outputs')),
    analytics: readExpressions(part.member('analytics')),
    annotations: readAnnotations(part.member('x-annotations')),
  };
}

/** The id is the name of the MCP tool. */
function readFlowId(part: Part | undefined): string {
  const id = part?.text();
  if (part !== undefined && id !== undefined && !/^[A-Za-z0-9_-]{1,64}$/.test(id)) {
    part.error(
      'invalid_id',
      'The id of a flow has 1 to 64 letters, digits, "_" or "-"',
      'It is the name of the tool: rename it.',
    );
  }
  return id ?? '';
}

function addSecurity(part: Part | undefined, steps: Step[]): void {
  const authorization = part === undefined ? undefined : readSecurity(part);
  if (authorization === undefined) return;
  for (const { request } of steps) {
    const isSet = request.headers.some(({ name }) => name.toLowerCase() === 'authorization');
    if (!isSet) request.headers.push(authorization);
  }
}

function readAnnotations(part: Part | undefined): Record<string, boolean> {
  part?.allowKeys(['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint']);
  const annotations: Record<string, boolean> = {};
  for (const [name, hint] of part?.entries() ?? []) {
    if (typeof hint.value === 'boolean') annotations[name] = hint.value;
    else hint.error('wrong_type', 'A hint is true or false', 'Write true or false.');
  }
  return annotations;
}
