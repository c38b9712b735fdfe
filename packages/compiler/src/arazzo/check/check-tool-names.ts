import type { Workflow } from '../model.ts';
import { toToolName } from '../tool-name.ts';

/** A client calls a tool by its name. */
export function checkToolNames(workflows: Workflow[]): void {
  const seen = new Map<string, Workflow>();
  for (const workflow of workflows) {
    if (!workflow.isTool || workflow.id === '') continue;
    const name = toToolName(workflow);
    const earlier = seen.get(name.toLowerCase());
    // Two workflows with one id are reported as such.
    if (earlier !== undefined && earlier.id !== workflow.id) checkPair(workflow, earlier);
    seen.set(name.toLowerCase(), earlier ?? workflow);
  }
}

function checkPair(workflow: Workflow, earlier: Workflow): void {
  const [name, other] = [toToolName(workflow), toToolName(earlier)];
  const place = workflow.part.member('x-mcp-name') ?? workflow.part.member('workflowId') ?? workflow.part;
  const hint = 'Give one of them another name with "x-mcp-name".';
  if (name === other) {
    place.error(
      'duplicate_tool_name',
      `The workflows "${earlier.id}" and "${workflow.id}" both become the tool "${name}"`,
      hint,
    );
  } else {
    place.warn('similar_tool_name', `The tools "${other}" and "${name}" differ only in case`, hint);
  }
}
