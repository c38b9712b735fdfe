import { AppError, type Json } from '@toolplane/contracts';
import type { NamedSecret } from '../step-secrets.ts';
import { withQueryOf } from './query-parameter.ts';

/**
 * Matches one link of the header (RFC 8288): its target and its parameters. Takes linear time, whatever an upstream
 * sends.
 */
const LINK = /<([^<>]*)>((?:\s*;\s*[^\s=;,]+(?:\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s",;]*))?)*)/g;
const RELATION = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s",;]*))/i;

/** Returns the target of `rel="next"`, which may have another origin. */
export function findNextLink(from: URL, header: Json | undefined): URL | undefined {
  for (const [, target = '', parameters = ''] of [header ?? ''].flat().join(', ').matchAll(LINK)) {
    const [, quoted, plain = ''] = RELATION.exec(parameters) ?? [];
    const relations = (quoted ?? plain).toLowerCase().split(/\s+/);
    if (relations.includes('next')) return URL.parse(target, from.href) ?? undefined;
  }
  return undefined;
}

/**
 * The link contains everything that the next request needs, except for credentials in the query: some upstreams leave
 * them out, and those in a link can be outdated.
 */
export function toLinkedPage(link: URL, built: URL, sent: readonly NamedSecret[]): URL {
  if (link.origin !== built.origin) {
    const message = 'The link to the next page leads to another origin, to which this tool sends no requests';
    throw new AppError('upstream_bad_response', message);
  }
  const target = new URL(link);
  target.hash = '';
  return withQueryOf(target, built, (value) => sent.some((secret) => value.includes(secret.value.reveal())));
}
