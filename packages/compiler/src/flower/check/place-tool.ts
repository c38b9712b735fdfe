import { pointerSegments } from '@toolplane/contracts';
import type { Part } from '../../document/part.ts';
import type { PlacedTool } from '../../ergonomics/placed-tool.ts';
import type { Flow } from '../model.ts';

/** The keys of a flow that contain the parts of a tool. */
const keys: Record<string, string> = { name: 'id', inputSchema: 'inputs' };

/**
 * Describes flows as the tools that a client sees. Flows whose name or description is not text are omitted, because
 * this is already reported.
 */
export function placeTools(flows: Flow[]): PlacedTool[] {
  const isRead = ({ id, description, part }: Flow) =>
    id !== '' && (description !== undefined || part.member('description') === undefined);
  return flows.filter(isRead).map(placeTool);
}

function placeTool({ id, description, inputs, part }: Flow): PlacedTool {
  return {
    name: id,
    ...(description === undefined ? {} : { description }),
    inputSchema: inputs ?? { type: 'object' },
    warn(member, code, message, hint) {
      const segments = pointerSegments(member).map((segment, depth) =>
        depth === 0 ? (keys[segment] ?? segment) : segment,
      );
      const place = segments.reduce((inside: Part, segment) => inside.member(segment) ?? inside, part);
      place.warn(code, message, hint);
    },
  };
}
