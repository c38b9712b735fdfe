import type { Diagnostic } from '@toolplane/contracts';
import { findTooMany } from './check-count.ts';
import { lengthLeftBeside, PREFIXED_LENGTH_MAX, prefixed, SUGGESTED_LENGTH_MIN } from './check-name.ts';
import type { Audience } from './check-tools.ts';

/** The names of the tools that clients of a server in mode NORMAL see, by their origin. */
export type Listing = { own: readonly string[]; selected: readonly string[]; external: readonly string[] };

type Advice = Pick<Diagnostic, 'code' | 'message' | 'hint'>;

/**
 * Gives advice on all tools that a server lists, of which its own document may contain only a part. `onDocument` is the
 * compiler's advice on that document for the same audience: it contains the positions of the server's own names but
 * counts only the server's own tools.
 */
export function adviseOnListing(
  listing: Listing,
  { slug, mode }: Required<Audience>,
  onDocument?: readonly Diagnostic[],
): Diagnostic[] {
  const hasOthers = listing.selected.length + listing.external.length > 0;
  // In mode SMART, clients see none of these names.
  if (mode === 'SMART' || (onDocument !== undefined && !hasOthers)) return [...(onDocument ?? [])];
  const tooMany = findTooMany(countOf(listing), hasOthers ? toParts(listing) : undefined);
  const tooLong = findTooLong(onDocument === undefined ? listing : { ...listing, own: [] }, slug);
  return [
    ...(onDocument ?? []).filter(({ code }) => code !== 'too_many_tools'),
    ...[tooMany, tooLong].flatMap((advice) => (advice === undefined ? [] : [toDiagnostic(advice)])),
  ];
}

function countOf({ own, selected, external }: Listing): number {
  return own.length + selected.length + external.length;
}

function toParts({ own, selected, external }: Listing): string {
  const parts = [
    { count: own.length, from: 'of its own' },
    { count: selected.length, from: 'selected' },
    { count: external.length, from: 'of external servers' },
  ];
  return parts.flatMap(({ count, from }) => (count === 0 ? [] : [`${count} ${from}`])).join(', ');
}

const SHOWN_MAX = 3;

/** Returns one message for all names, because they share one remedy: the name of the server, or a prefix. */
function findTooLong({ own, selected, external }: Listing, slug: string): Advice | undefined {
  const lengthLeft = lengthLeftBeside(slug);
  const isTooLong = (name: string) => name.length > lengthLeft;
  const names = [...own, ...external, ...selected].filter(isTooLong);
  if (names.length === 0) return undefined;
  const shown = names.slice(0, SHOWN_MAX).map((name) => `"${prefixed(slug, name)}"`);
  const more = names.length > SHOWN_MAX ? ` and ${names.length - SHOWN_MAX} more` : '';
  const roomForSlug = lengthLeftBeside(
    names.reduce((longest, name) => (name.length > longest.length ? name : longest)),
  );
  const remedies = [
    ...(roomForSlug < SUGGESTED_LENGTH_MIN ? [] : [`a name of at most ${roomForSlug} characters for the server`]),
    ...(own.some(isTooLong) ? ['shorter names in its document'] : []),
    ...(external.some(isTooLong) ? ['a shorter prefix for the external server'] : []),
  ];
  return {
    code: 'long_name',
    message: `Some clients refuse names over ${PREFIXED_LENGTH_MAX} characters: ${shown.join(', ')}${more}`,
    hint: `Choose ${remedies.join(', or ') || 'tools with shorter names'}.`,
  };
}

/** The advice has no location in a document. */
function toDiagnostic({ code, message, hint }: Advice): Diagnostic {
  return { severity: 'warning', code, message, hint, pointer: '', line: 1, column: 1 };
}
