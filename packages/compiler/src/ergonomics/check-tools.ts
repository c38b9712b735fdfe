import type { JsonObject } from '@toolplane/contracts';
import type { Hint } from '../document/problems.ts';
import { checkDescription } from './check-description.ts';
import { checkInputs } from './check-inputs.ts';
import { checkName } from './check-name.ts';

/**
 * What makes tools hard to use for a model and for the person behind it. All of it is advice, and none of it depends on
 * the format that the tools were written in.
 */

/** A tool as a client will see it, with a way to say something of a part of it. */
export type PlacedTool = {
  name: string;
  description?: string;
  inputSchema: JsonObject;
  /** `member` is a pointer into the tool (`/name`, `/description`, `/inputSchema/…`); empty, the tool as a whole. */
  warn(member: string, code: string, message: string, hint: Hint): void;
};

export type Audience = {
  /** Of the server: clients put it before the names. */
  slug?: string;
  /** In mode SMART a model searches for tools instead of being sent all of them. */
  mode?: 'NORMAL' | 'SMART';
};

/** Many clients give a model the first 40 or so. */
const TOOLS_MAX = 40;

export function checkTools(
  tools: PlacedTool[],
  { slug, mode }: Audience,
  warn: (code: string, message: string, hint: Hint) => void,
): void {
  if (tools.length > TOOLS_MAX && mode !== 'SMART') {
    const hint = 'Use the mode SMART, or split the server so that each has what one task needs.';
    warn(
      'too_many_tools',
      `There are ${tools.length} tools; many clients show a model only the first ${TOOLS_MAX}`,
      hint,
    );
  }
  const names = new Set(tools.map(({ name }) => name));
  for (const tool of tools) {
    checkName(tool, names, slug);
    checkDescription(tool);
    checkInputs(tool);
  }
}
