import type { Hint } from '../document/problems.ts';
import { findTooMany } from './check-count.ts';
import { checkDescription } from './check-description.ts';
import { checkInputs } from './check-inputs.ts';
import { checkName } from './check-name.ts';
import type { PlacedTool } from './placed-tool.ts';

/**
 * Finds what makes tools hard to use for a model and its user. Everything here is advice and independent of the format
 * in which the tools were written.
 */

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
