import type { JsonObject } from '@toolplane/contracts';
import type { Hint } from '../document/problems.ts';
import { findTooMany } from './check-count.ts';
import { checkDescription } from './check-description.ts';
import { checkInputs } from './check-inputs.ts';
import { checkName } from './check-name.ts';

/**
 * Finds what makes tools hard to use for a model and its user. Everything here is advice and independent of the format
 * in which the tools were written.
 */

/** A tool as a client will see it, with a function that reports advice on a part of it. */
export type PlacedTool = {
  name: string;
  description?: string;
  inputSchema: JsonObject;
  /** `member` is a pointer into the tool (`/name`, `/description`, `/inputSchema/…`); empty for the tool as a whole. */
  warn(member: string, code: string, message: string, hint: Hint): void;
};

export type Audience = {
  /** The slug of the server: clients prefix names with it. */
  slug?: string;
  /** In mode SMART, a model searches for tools instead of receiving all of them. */
  mode?: 'NORMAL' | 'SMART';
};

export function checkTools(
  tools: PlacedTool[],
  { slug, mode }: Audience,
  warn: (code: string, message: string, hint: Hint) => void,
): void {
  // In mode SMART, clients see neither the tools nor their names.
  const tooMany = mode === 'SMART' ? undefined : findTooMany(tools.length);
  if (tooMany !== undefined) warn(tooMany.code, tooMany.message, tooMany.hint);
  const names = new Set(tools.map(({ name }) => name));
  for (const tool of tools) {
    if (mode !== 'SMART') checkName(tool, names, slug);
    checkDescription(tool);
    checkInputs(tool);
  }
}
