import { pointerSegments } from '@toolplane/contracts';
import type { Part } from '../../document/part.ts';
import type { PlacedTool } from '../../ergonomics/placed-tool.ts';
import type { Workflow } from '../model.ts';
import { toToolName } from '../tool-name.ts';
import { toDisplayFields } from './to-tool.ts';

/** Describes workflows as the tools that a client sees. */
export function placeTools(workflows: Workflow[]): PlacedTool[] {
  return workflows.map((workflow) => ({
    name: toToolName(workflow),
    ...descriptionOf(workflow),
    inputSchema: workflow.inputs ?? { type: 'object' },
    warn(member, code, message, hint) {
      placeOf(workflow, pointerSegments(member)).warn(code, message, hint);
    },
  }));
}

function descriptionOf(workflow: Workflow): { description?: string } {
  const { description } = toDisplayFields(workflow);
  return description === undefined ? {} : { description };
}

/** Returns the location of a part of a tool in its workflow. For a component, this is the reference to it. */
function placeOf({ part }: Workflow, [first = '', ...rest]: string[]): Part {
  const keys: Record<string, string[]> = {
    name: ['x-mcp-name', 'workflowId'],
    description: ['description', 'summary'],
    inputSchema: ['inputs'],
  };
  const key = (keys[first] ?? [first]).find((each) => part.member(each) !== undefined);
  const start = key === undefined ? undefined : part.member(key);
  if (start === undefined) return part;
  return rest.reduce((inside, segment) => inside.member(segment) ?? inside, start);
}
