import type { Workflow } from '../model.ts';
import { toToolName } from '../tool-name.ts';

const HINT = 'Give one of them another name with "x-mcp-name".';

/** Names must be unique, because a client calls a tool by its name. */
export function checkToolNames(workflows: Workflow[]): void {
  const byName = new Map<string, Workflow>();
  const byLowerCase = new Map<string, Workflow>();
  for (const workflow of workflows) {
    if (!workflow.isTool || workflow.id === '') continue;
    const name = toToolName(workflow);
    const same = byName.get(name);
    const similar = byLowerCase.get(name.toLowerCase());
    if (same !== undefined) reportSame(name, workflow, same);
    else if (similar !== undefined) warnOfSimilar(name, workflow, similar);
    byName.set(name, same ?? workflow);
    byLowerCase.set(name.toLowerCase(), similar ?? workflow);
  }
}

/** Two workflows with the same id have already been reported. */
function reportSame(name: string, workflow: Workflow, earlier: Workflow): void {
  if (workflow.id === earlier.id) return;
  const message = `The workflows "${earlier.id}" and "${workflow.id}" both become the tool "${name}"`;
  placeOf(workflow).error('duplicate_tool_name', message, HINT);
}

function warnOfSimilar(name: string, workflow: Workflow, earlier: Workflow): void {
  const message = `The tools "${toToolName(earlier)}" and "${name}" differ only in case`;
  placeOf(workflow).warn('similar_tool_name', message, HINT);
}

function placeOf({ part }: Workflow) {
  return part.member('x-mcp-name') ?? part.member('workflowId') ?? part;
}
