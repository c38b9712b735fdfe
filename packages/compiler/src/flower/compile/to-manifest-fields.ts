import { definedOnly, type Icon } from '@toolplane/contracts';
import type { DisplayFields, Procedure } from '../model.ts';

/** Returns the members that the manifest has for flows, prompts and resources alike. */
export function toManifestFields({
  title,
  description,
  icons,
  deadlineMs,
  rounds,
}: Procedure & DisplayFields): DisplayFields & {
  icons?: Icon[];
  deadlineMs: number;
  asks?: true;
} {
  return {
    ...definedOnly({ title, description, icons }),
    deadlineMs,
    ...(rounds.length === 0 ? {} : { asks: true }),
  };
}
