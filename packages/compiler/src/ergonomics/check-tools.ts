import type { JsonObject } from '@toolplane/contracts';
import type { Hint } from '../document/problems.ts';
import { findTooMany } from './check-count.ts';
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

export function checkTools(
  tools: PlacedTool[],
  { slug, mode }: Audience,
  warn: (code: string, message: string, hint: Hint) => void,
): void {
  // In mode SMART clients see neither the tools nor their names.
  const tooMany = mode === 'SMART' ? undefined : findTooMany(tools.length);
  if (tooMany !== undefined) warn(tooMany.code, tooMany.message, tooMany.hint);
  const names = new Set(tools.map(({ name }) => name));
  for (const tool of tools) {
    if (mode !== 'SMART') checkName(tool, names, slug);
    checkDescription(tool);
    checkInputs(tool);
  }
}
