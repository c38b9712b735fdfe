import type { Part } from '../../document/part.ts';
import type { Minor } from '../model.ts';

const HINT = 'Write arazzo: 1.0.1 or arazzo: 1.1.0.';

/** The patch number does not affect the format. */
export function readVersion(part: Part | undefined): Minor | undefined {
  if (part === undefined) return undefined;
  const { value } = part;
  const [, minor] = (typeof value === 'string' && /^1\.([01])\.\d+(?:-.+)?$/.exec(value)) || [];
  if (minor !== undefined) return minor === '0' ? 0 : 1;
  const isNumber = typeof value === 'number';
  const hint = isNumber ? `${HINT} With two digits it is a number, not a version.` : HINT;
  part.error('unsupported_version', 'The supported versions are Arazzo 1.0.x and 1.1.x', hint);
  return undefined;
}
