import type { PolicyRule, ToolAnnotations } from '@toolplane/contracts';
import { compilePatterns } from './patterns.ts';

/** What policies see of a tool. A tool of a manifest has this type. */
export type PolicyTool = {
  /** The name that clients see. */
  readonly name: string;
  /** Absent if the tool belongs to no toolkit; then no condition on toolkits holds. */
  readonly toolkit?: string | undefined;
  /** If absent, the same as `name`. */
  readonly nameInToolkit?: string | undefined;
  readonly annotations?: Readonly<ToolAnnotations> | undefined;
};

export type MatchTool = (tool: PolicyTool) => boolean;

type Condition = NonNullable<PolicyRule['tools']>;

/** Undefined if there is no condition. */
export function compileTools({ names, toolkits, annotations = {} }: Condition = {}): MatchTool | undefined {
  const conditions: MatchTool[] = [];
  if (names !== undefined) conditions.push(compileToolNames(names));
  if (toolkits !== undefined) {
    const matchToolkit = compilePatterns(toolkits);
    conditions.push(({ toolkit }) => toolkit !== undefined && matchToolkit(toolkit));
  }
  for (const hint of hints) {
    const wanted = annotations[hint];
    if (wanted !== undefined) conditions.push((tool) => hintOf(tool, hint) === wanted);
  }
  return conditions.length === 0 ? undefined : (tool) => conditions.every((holds) => holds(tool));
}

/** Returns whether one of the patterns matches a tool, by its name or as `<toolkit>.<tool>`. Also used for API keys. */
export function compileToolNames(patterns: readonly string[]): MatchTool {
  const matchName = compilePatterns(patterns);
  return ({ name, toolkit, nameInToolkit = name }) =>
    matchName(name) || (toolkit !== undefined && matchName(`${toolkit}.${nameInToolkit}`));
}

const hints = ['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint'] as const;

/**
 * The value of a hint, or the default of the protocol if the tool does not set it; a read-only tool is not destructive.
 */
function hintOf({ annotations = {} }: PolicyTool, hint: (typeof hints)[number]): boolean {
  const { readOnlyHint = false } = annotations;
  const defaults = { readOnlyHint, destructiveHint: !readOnlyHint, idempotentHint: false, openWorldHint: true };
  return annotations[hint] ?? defaults[hint];
}
