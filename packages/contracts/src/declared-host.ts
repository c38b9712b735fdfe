import { parse } from 'tldts';
import { secretHostSchema } from './host-pattern.ts';

/*
 * Apart from the other schemas: only who reads what people declare needs the list of public suffixes.
 */

/**
 * A host that people allow something to be sent to. Anybody can register a name below a public suffix (`*.com`,
 * `*.co.uk`, `*.github.io`), so such a pattern allows everybody.
 */
export const declaredHostSchema = secretHostSchema.refine(
  (pattern) => !isBelowPublicSuffix(pattern),
  'must not allow all names below a public suffix, where anybody can register one: write the host, or *. and a name that you own',
);

/** Names that are on no list, such as those of an internal network, are nobody's suffix. */
function isBelowPublicSuffix(pattern: string): boolean {
  if (!pattern.startsWith('*.')) return false;
  const [name = ''] = pattern.slice(2).split(':');
  const { publicSuffix, isIcann, isPrivate } = parse(name, { allowPrivateDomains: true, extractHostname: false });
  return publicSuffix === name && (isIcann === true || isPrivate === true);
}
