import { definedOnly, type JsonObject, listNarrowingInputs } from '@toolplane/contracts';
import type { CompiledTool } from '../../compiled-document.ts';
import { toPlanBudget } from '../../tools/read-output-budget.ts';
import { isRepeatable, toAnnotations } from '../../tools/tool-annotations.ts';
import type { Flow } from '../model.ts';
import { requestsOf } from '../requests-of.ts';
import { toManifestFields } from './to-manifest-fields.ts';
import { type PlanOwner, toPlan } from './to-plan.ts';

/** The flow must not have errors. */
export function toTool(flow: Flow, owner: PlanOwner): CompiledTool {
  const { id, inputs = { type: 'object' }, pagedOutput, task, asksInTask } = flow;
  const outputSchema = toOutputSchema(flow);
  const requests = requestsOf(flow.steps);
  const narrowingInputs = listNarrowingInputs(inputs, { isPaged: pagedOutput !== undefined });
  return {
    tool: {
      name: id,
      ...toManifestFields(flow),
      inputSchema: inputs,
      ...(outputSchema === undefined ? {} : { outputSchema }),
      annotations: { ...toAnnotations(requests), ...flow.annotations },
      isRepeatable: isRepeatable(requests),
      ...definedOnly({ task, asksInTask }),
    },
    plan: {
      ...toPlan(id, flow, owner),
      ...toPlanBudget(flow),
      ...(narrowingInputs.length === 0 ? {} : { narrowingInputs }),
    },
  };
}

/** Either the outputs, or the error of a failed call; the upstream determines the types of the values. */
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
