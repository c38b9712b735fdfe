import type { JsonObject, Plan, Tool, ToolAnnotations } from '@toolplane/contracts';
import { isRepeatable, usesOnly } from '../methods.ts';
import type { Flow } from '../model.ts';
import { listNarrowingInputs } from './narrowing-inputs.ts';
import { type PlanOwner, toPlan } from './to-plan.ts';
import { toShown } from './to-shown.ts';

export type CompiledTool = { tool: Omit<Tool, 'planDigest'>; plan: Plan };

/** Only for a flow without errors. */
export function toTool(flow: Flow, owner: PlanOwner): CompiledTool {
  const { id, inputs = { type: 'object' }, outputBytesMax, pagedOutput, task, asksInTask } = flow;
  const outputSchema = toOutputSchema(flow);
  const narrowingInputs = listNarrowingInputs(inputs, { isPaged: pagedOutput !== undefined });
  return {
    tool: {
      name: id,
      ...toShown(flow),
      inputSchema: inputs,
      ...(outputSchema === undefined ? {} : { outputSchema }),
      annotations: { ...toAnnotations(flow), ...flow.annotations },
      isRepeatable: isRepeatable(flow),
      ...(task === undefined ? {} : { task }),
      ...(asksInTask === undefined ? {} : { asksInTask }),
    },
    plan: {
      ...toPlan(id, flow, owner),
      ...(outputBytesMax === undefined ? {} : { outputBytesMax }),
      ...(pagedOutput === undefined ? {} : { pagedOutput }),
      ...(narrowingInputs.length === 0 ? {} : { narrowingInputs }),
    },
  };
}

/** Either the outputs or, of a call that failed, its error; what the values are is for the upstream to say. */
function toOutputSchema({ outputs, pagedOutput }: Flow): JsonObject | undefined {
  if (outputs.length === 0) return undefined;
  const names = outputs.map(({ name }) => name);
  const shown = pagedOutput === undefined ? names : [...names, 'next_cursor'];
  return {
    type: 'object',
    properties: Object.fromEntries(shown.map((name) => [name, {}])),
    anyOf: [{ required: names }, { required: ['code', 'message', 'outcome'] }],
  };
}

/** Hints about what the methods promise; a document knows better and can override each. */
function toAnnotations({ steps }: Flow): ToolAnnotations {
  return {
    readOnlyHint: usesOnly(steps, ['GET', 'HEAD']),
    destructiveHint: steps.some(({ request }) => request.method === 'DELETE'),
    idempotentHint: isRepeatable({ steps }),
    openWorldHint: true,
  };
}
