import { definedOnly, type Icon } from '@toolplane/contracts';
import type { Procedure, Shown } from '../model.ts';

/** Returns the members that the manifest has for flows, prompts and resources alike. */
export function toShown({ title, description, icons, deadlineMs, rounds }: Procedure & Shown): Shown & {
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
