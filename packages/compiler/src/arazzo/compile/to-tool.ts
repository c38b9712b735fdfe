import assert from 'node:assert';
import {
  definedOnly,
  type JsonObject,
  listNarrowingInputs,
  type Plan,
  type PlanRequest,
  planLimits,
} from '@toolplane/contracts';
import type { CompiledTool } from '../../compiled-document.ts';
import { toPlanBudget } from '../../tools/read-output-budget.ts';
import { isRepeatable, toAnnotations } from '../../tools/tool-annotations.ts';
import type { Workflow } from '../model.ts';
import { toToolName } from '../tool-name.ts';
import type { DocumentContext, WorkflowEntry } from './context.ts';
import { type CompiledWorkflow, linkPlan } from './link-plan.ts';

/** Compiles a tool. The document must not have errors. */
export function toTool(
  { workflow, index, context }: WorkflowEntry,
  compiled: readonly CompiledWorkflow[],
): CompiledTool {
  const main = compiled[index];
  assert(main !== undefined);
  const linked = linkPlan(main, compiled);
  const plan = toPlan(workflow, linked, context);
  const inputSchema = workflow.inputs ?? { type: 'object' };
  const outputSchema = toOutputSchema(linked, workflow.pagedOutput);
  const requests = requestsOf(plan);
  return {
    tool: {
      name: plan.tool,
      ...toDisplayFields(workflow),
      deadlineMs: plan.deadlineMs,
      inputSchema,
      ...(outputSchema === undefined ? {} : { outputSchema }),
      annotations: { ...toAnnotations(requests), ...workflow.annotations },
      isRepeatable: isRepeatable(requests),
    },
    plan,
  };
}

type Linked = ReturnType<typeof linkPlan>;

function toPlan(workflow: Workflow, { main, workflows }: Linked, { document, options }: DocumentContext): Plan {
  const { workspaceId, serverId, allowedHosts } = options;
  const narrowingInputs = listNarrowingInputs(workflow.inputs ?? {}, {
    isPaged: workflow.pagedOutput !== undefined,
  });
  return {
    version: 1,
    workspaceId,
    serverId,
    tool: toToolName(workflow),
    allowedHosts: [...allowedHosts],
    deadlineMs: workflow.deadlineMs ?? planLimits.deadlineMsDefault,
    ...toPlanBudget(workflow),
    steps: main.steps,
    ...definedOnly({ dependsOn: main.dependsOn, workflows: workflows.length === 0 ? undefined : workflows }),
    stepsRunMax: document.settings.stepsRunMax,
    semantics: 'arazzo',
    outputs: main.outputs,
    ...(narrowingInputs.length === 0 ? {} : { narrowingInputs }),
    analytics: [],
  };
}

/** A model mainly reads the description, so the text of the summary is repeated there. */
export function toDisplayFields({ summary, description }: Workflow): { title?: string; description?: string } {
  const texts = [summary, description].filter((text) => text !== undefined && text.trim() !== '');
  const isRepeated = summary !== undefined && summary !== '' && description?.startsWith(summary);
  const said = isRepeated ? description : texts.join('\n\n');
  return definedOnly({
    title: summary?.trim() === '' ? undefined : summary,
    description: said === '' ? undefined : said,
  });
}

/**
 * The schema of the outputs by name, including those of a workflow to which this one can transfer for good; each may be
 * absent. The output of a failed call is the error.
 */
function toOutputSchema({ main, workflows }: Linked, pagedOutput: string | undefined): JsonObject | undefined {
  const reached = new Set([main]);
  for (const { steps } of reached) {
    for (const { actions, failure } of steps) {
      for (const action of [...actions, ...(failure?.actions ?? [])]) {
        const target = action.do === 'transfer' ? workflows[action.to.workflowIndex] : undefined;
        if (target !== undefined) reached.add(target);
      }
    }
  }
  const names = new Set([...reached].flatMap(({ outputs }) => outputs.map(([name]) => name)));
  if (names.size === 0) return undefined;
  if (pagedOutput !== undefined) names.add('next_cursor');
  return { type: 'object', properties: Object.fromEntries([...names].map((name) => [name, {}])) };
}

function requestsOf({ steps, workflows = [] }: Plan): PlanRequest[] {
  const all = [...steps, ...workflows.flatMap((workflow) => workflow.steps)];
  return all.flatMap(({ request }) => (request === undefined ? [] : [request]));
}
