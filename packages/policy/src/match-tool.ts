import type { PolicyRule, ToolAnnotations } from '@toolplane/contracts';
import { compilePatterns } from './patterns.ts';

/** What policies see of a tool: one of a manifest is one of these. */
export type PolicyTool = {
  /** As clients see it. */
  readonly name: string;
  /** Absent: it is of none, and no condition on toolkits holds. */
  readonly toolkit?: string | undefined;
  /** Absent: as `name`. */
  readonly nameInToolkit?: string | undefined;
  readonly annotations?: Readonly<ToolAnnotations> | undefined;
};

export type MatchTool = (tool: PolicyTool) => boolean;

type Condition = NonNullable<PolicyRule['tools']>;

/** Undefined: there is nothing to hold. */
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

/** Whether one of the patterns is of this tool, by its name or as `<toolkit>.<tool>`; of keys of the API as well. */
export function compileToolNames(patterns: readonly string[]): MatchTool {
  const matchName = compilePatterns(patterns);
  return ({ name, toolkit, nameInToolkit = name }) =>
    matchName(name) || (toolkit !== undefined && matchName(`${toolkit}.${nameInToolkit}`));
}

const hints = ['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint'] as const;

/** What a tool does not say of itself is as the protocol has it; what only reads destroys nothing. */
function hintOf({ annotations = {} }: PolicyTool, hint: (typeof hints)[number]): boolean {
  const { readOnlyHint = false } = annotations;
  const defaults = { readOnlyHint, destructiveHint: !readOnlyHint, idempotentHint: false, openWorldHint: true };
  return annotations[hint] ?? defaults[hint];
}
