import type { Part } from '../../document/part.ts';
import { EndpointError, type EndpointPart, parseEndpoint } from '../descriptor/parse-endpoint.ts';

const HINT = 'Write an absolute URL, for instance https://api.example.com/v1/{id}.';

/** Reports what is no absolute URL. */
export function readEndpoint(text: string, part: Part): EndpointPart[] | undefined {
  try {
    return parseEndpoint(text);
  } catch (thrown) {
    if (!(thrown instanceof EndpointError)) throw thrown;
    part.error('invalid_endpoint', thrown.message, HINT, { offset: thrown.offset });
    return undefined;
  }
}

/** Of a URL that nothing but the configuration can be part of. */
export function checkFixedUrl(text: string, part: Part): void {
  for (const piece of readEndpoint(text, part) ?? []) {
    if (typeof piece === 'string' || !('key' in piece)) continue;
    const message = `{${piece.key}} has no meaning here`;
    part.error('unknown_template_key', message, 'Only {config.<key>} can stand in this URL.', { offset: piece.offset });
  }
}
