import { isDeepStrictEqual } from 'node:util';
import type { ExternalServer, ExternalTool } from '@toolplane/contracts';

/** A tool as it is offered. `isApproved` is set if a person named it or saw it. */
export type Pin = { tool: ExternalTool; isApproved: boolean };

export type ToolStatus = 'approved' | 'changed' | 'new' | 'missing' | 'left_out';

/** The parts of a tool that are pinned, other than its name. */
const members = ['title', 'description', 'inputSchema', 'outputSchema', 'annotations'] as const;

/** A change to show before an approval. `before` is the pinned value, and is absent if none existed. */
export type ToolChange = { member: (typeof members)[number]; before?: unknown; now?: unknown };

/** A tool as clients see it. `isUnreviewed` marks a tool as first declared, which nobody has approved. */
export type VisibleTool = ExternalTool & { isUnreviewed?: true };

export type ReviewedTool = {
  name: string;
  status: ToolStatus;
  reason?: string;
  flags?: NonNullable<ExternalTool['flags']>;
  /** Digest of what the server declares now. Absent if it declares no such tool. */
  digest?: string;
  /** The changes of a changed or new tool, with cleaned texts. */
  changes?: ToolChange[];
  /** Absent if clients do not see the tool. */
  offered?: VisibleTool;
};

/** The input of a review. */
export type Reviewable = {
  /** Names of tools, or `*` alone. */
  tools: readonly string[];
  pin: 'review' | 'strict';
  pins: readonly Pin[];
  /** Null until it is known what the server declares. */
  declared: ExternalServer | null;
};

/**
 * The changes of the tools of an external server since their approval. A changed description or schema is never offered
 * before somebody has approved it.
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
  // `tool` has the pinned value, cleaned by the current rules.
  if (pinned.tool.digest === tool.digest) {
    if (pinned.isApproved) return { status: 'approved', offered: tool };
    return {
      status: 'new',
      changes: listChanges(undefined, tool),
      ...(pin === 'review' && { offered: asUnreviewed(tool) }),
    };
  }
  const changes = listChanges(pinned.tool, tool);
  const offered = pinned.isApproved ? pinned.tool : asUnreviewed(pinned.tool);
  return { status: 'changed', changes, ...(pin === 'review' && { offered }) };
}

/** Overrides annotations that could open the tool to read-only callers, and to policies that allow such tools. */
function asUnreviewed(tool: ExternalTool): VisibleTool {
  const hints = { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true };
  const annotations = { ...tool.annotations, ...hints };
  return { ...tool, annotations, isUnreviewed: true };
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
 * The pins after a check of the server. Missing tools stay pinned, so that a tool that returns with changes is noticed.
 * `isApproved` decides which tools are approved with this check.
 */
export function pinTools(
  { tools, pin, pins, declared }: Reviewable,
  isApproved: (name: string) => boolean,
): readonly Pin[] {
  if (declared === null) return pins;
  const there = new Set(declared.tools.map(({ name }) => name));
  // Unapproved pins are dropped, because otherwise a server could make us store ever more of them.
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

/** Whether a tool is named explicitly, which approves it as it is then. `*` names no tool. */
export function isNamed(tools: readonly string[], name: string): boolean {
  return name !== '*' && tools.includes(name);
}

function isSelected(tools: readonly string[], name: string): boolean {
  return tools[0] === '*' || tools.includes(name);
}
