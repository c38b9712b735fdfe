import type { Part } from '../../document/part.ts';
import { suggestName } from '../../document/suggest-name.ts';
import type { DescriptorDraft } from '../descriptor/draft.ts';
import { EndpointError, type EndpointPart, parseEndpoint } from '../descriptor/parse-endpoint.ts';

const HINT = 'Write an absolute URL, for instance https://api.example.com/v1/{id}.';

type Named = Extract<EndpointPart, { key: string }>;

/**
 * Returns what a URL names in addition to the configuration. Reports a text that is not an absolute URL and returns
 * undefined.
 */
export function readEndpoint(draft: DescriptorDraft, text: string, part: Part): Named[] | undefined {
  try {
    const parts = parseEndpoint(text);
    checkConfiguration(draft, parts, part);
    return parts.filter((piece) => typeof piece === 'object' && 'key' in piece);
  } catch (thrown) {
    if (!(thrown instanceof EndpointError)) throw thrown;
    part.error('invalid_endpoint', thrown.message, HINT, { offset: thrown.offset });
    return undefined;
  }
}

/** Checks a URL into which only the configuration may be inserted. */
export function checkFixedUrl(draft: DescriptorDraft, text: string, part: Part): void {
  for (const { key, offset } of readEndpoint(draft, text, part) ?? []) {
    const hint = 'Only {config.<key>} can be used in this URL.';
    part.error('unknown_template_key', `{${key}} has no meaning here`, hint, { offset });
  }
}

/** A key that is not declared is a required text, but next to declared keys it is usually a mistake. */
function checkConfiguration(draft: DescriptorDraft, parts: EndpointPart[], part: Part): void {
  const keys = draft.connector.metadata.configuration.map(({ key }) => key);
  if (keys.length === 0 || draft.hasUnnamed(['key'], 'metadata', 'configuration')) return;
  for (const piece of parts) {
    if (typeof piece === 'string' || !('configuration' in piece) || keys.includes(piece.configuration)) continue;
    const message = `The configuration "${piece.configuration}" is not declared`;
    const hint = suggestName(piece.configuration, keys, 'Available');
    part.warn('unknown_configuration', message, hint, { offset: piece.offset });
  }
}
