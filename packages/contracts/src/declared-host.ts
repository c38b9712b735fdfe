import { parse } from 'tldts';
import { secretHostSchema } from './host-pattern.ts';

/*
 * Separate from the other schemas, because only code that reads what people declare needs the list of public suffixes.
 */

/**
 * A host to which people allow something to be sent. Anybody can register a name below a public suffix (`*.com`,
 * `*.co.uk`, `*.github.io`), so such a pattern would allow everybody.
 */
export const declaredHostSchema = secretHostSchema.refine(
  (pattern) => !isBelowPublicSuffix(pattern),
  'must not allow all names below a public suffix, where anybody can register one: write the host, or *. and a name that you own',
);

/** A name that is on no list, such as one of an internal network, is not a public suffix. */
function isBelowPublicSuffix(pattern: string): boolean {
  if (!pattern.startsWith('*.')) return false;
  const [name = ''] = pattern.slice(2).split(':');
  const { publicSuffix, isIcann, isPrivate } = parse(name, { allowPrivateDomains: true, extractHostname: false });
  return publicSuffix === name && (isIcann === true || isPrivate === true);
}
