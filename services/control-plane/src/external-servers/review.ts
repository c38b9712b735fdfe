import { isDeepStrictEqual } from 'node:util';
import type { ExternalServer, ExternalTool } from '@toolplane/contracts';

/** A tool as it is offered; `isApproved` by whoever attached its server, or since then. */
export type Pin = { tool: ExternalTool; isApproved: boolean };

export type ToolStatus = 'approved' | 'changed' | 'new' | 'missing' | 'left_out';

/** What a tool is pinned by, besides its name. */
const members = ['title', 'description', 'inputSchema', 'outputSchema', 'annotations'] as const;

/** What whoever approves a tool has to have seen. `before`: as it is pinned; absent: it was not there. */
export type ToolChange = { member: (typeof members)[number]; before?: unknown; now?: unknown };

export type ReviewedTool = {
  name: string;
  status: ToolStatus;
  reason?: string;
  flags?: string[];
  /** Of what its server declares now; absent: it declares no such tool. */
  digest?: string;
  /** Of one that is changed or new, with texts as they are cleaned here. */
  changes?: ToolChange[];
  /** Absent: clients do not see it. */
  offered?: ExternalTool;
};

/** What a review looks at. */
export type Reviewable = {
  /** Names, or `*`. */
  tools: readonly string[];
  pin: 'review' | 'strict';
  pins: readonly Pin[];
  /** Null: nobody has seen yet what it declares. */
  declared: ExternalServer | null;
};

/**
 * What became of the tools of an external server since they were approved. A description or a schema that is another one
 * is never offered before somebody has approved it.
 */
export function reviewTools({ tools, pin, pins, declared }: Reviewable): ReviewedTool[] {
  if (declared === null) return [];
  const pinned = new Map(pins.map((each) => [each.tool.name, each]));
  const reviewed = new Map<string, ReviewedTool>();
  for (const tool of declared.tools.filter(({ name }) => isSelected(tools, name))) {
    const { name, flags, digest } = tool;
    reviewed.set(name, { name, digest, ...(flags && { flags }), ...toStanding(tool, pinned.get(name), pin) });
  }
  for (const { kind, name, reason } of declared.leftOut) {
    if (kind !== 'tool' || reviewed.has(name) || !isSelected(tools, name)) continue;
    reviewed.set(name, { name, status: 'left_out', reason });
  }
  const expected = [...pinned.keys(), ...tools].filter((name) => name !== '*' && isSelected(tools, name));
  for (const name of expected) if (!reviewed.has(name)) reviewed.set(name, { name, status: 'missing' });
  return [...reviewed.values()];
}

function toStanding(
  tool: ExternalTool,
  pinned: Pin | undefined,
  pin: Reviewable['pin'],
): Pick<ReviewedTool, 'status' | 'changes' | 'offered'> {
  if (pinned === undefined) return { status: 'new', changes: listChanges(undefined, tool) };
  // The same as then, cleaned by the rules of now.
  if (pinned.tool.digest === tool.digest) {
    if (pinned.isApproved) return { status: 'approved', offered: tool };
    return { status: 'new', changes: listChanges(undefined, tool), offered: tool };
  }
  const changes = listChanges(pinned.tool, tool);
  return { status: 'changed', changes, ...(pin === 'review' && { offered: pinned.tool }) };
}

function listChanges(before: ExternalTool | undefined, now: ExternalTool): ToolChange[] {
  return members
    .filter((member) => !isDeepStrictEqual(before?.[member], now[member]))
    .map((member) => ({
      member,
      ...(before?.[member] !== undefined && { before: before[member] }),
      ...(now[member] !== undefined && { now: now[member] }),
    }));
}

/**
 * The pins after a look at the server. Tools that are not there stay pinned, so that one which comes back as something else
 * is noticed. `isApproved` says which are approved with this look.
 */
export function pinTools(
  { tools, pin, pins, declared }: Reviewable,
  isApproved: (name: string) => boolean,
): readonly Pin[] {
  if (declared === null) return pins;
  const there = new Set(declared.tools.map(({ name }) => name));
  // Those that nobody approved are forgotten, or a server could have ever more of them kept.
  const kept = new Map(
    pins.filter((each) => each.isApproved || there.has(each.tool.name)).map((each) => [each.tool.name, each]),
  );
  for (const tool of declared.tools) {
    if (!isSelected(tools, tool.name)) continue;
    if (isApproved(tool.name)) kept.set(tool.name, { tool, isApproved: true });
    else if (!kept.has(tool.name) && pin === 'review') kept.set(tool.name, { tool, isApproved: false });
  }
  return [...kept.values()];
}

export function isSelected(tools: readonly string[], name: string): boolean {
  return tools[0] === '*' || tools.includes(name);
}
