import { createHash } from 'node:crypto';
import { isJsonObject } from '@toolplane/contracts';
import { readDocument } from '../../document/read-document.ts';
import { parseContent, type SourceProblem } from '../../openapi/parse-content.ts';
import { canonicalUrl } from './canonical-url.ts';
import { type Reference, sourceLimits } from './reference.ts';

type Content = ReturnType<typeof parseContent>;

/** Parses each reference once, and all of them within the limits of one deployment. */
export class Contents {
  readonly #parsed = new Map<Reference, Content>();
  #length = 0;
  #parseMs = 0;

  parse(reference: Reference): Content {
    const known = this.#parsed.get(reference);
    if (known !== undefined) return known;
    this.#length += reference.content.length;
    const content = this.#withinBounds(() => parseContent(reference.content));
    this.#parsed.set(reference, content);
    return content;
  }

  /** Parses again, with positions: they take much memory, and only problems in the document need them. */
  readPositioned(reference: Reference): ReturnType<typeof readDocument> | { problem: SourceProblem } {
    const content = this.parse(reference);
    return 'problem' in content ? content : this.#withinBounds(() => readDocument(reference.content));
  }

  /** Returns the URL that a document declares as its own. */
  selfOf(reference: Reference): string | undefined {
    // Most documents have none, and parsing a document only to find out would be expensive.
    if (!reference.content.includes('$self')) return undefined;
    const content = this.parse(reference);
    const self = 'value' in content && isJsonObject(content.value) ? content.value['$self'] : undefined;
    return typeof self === 'string' ? canonicalUrl(self, reference.location) : undefined;
  }

  #withinBounds<T>(parse: () => T): T | { problem: SourceProblem } {
    if (this.#length > sourceLimits.lengthMax || this.#parseMs > sourceLimits.parseMsMax) {
      const message = 'Together with the other sources, it is too large';
      return {
        problem: { code: 'sources_too_large', message, hint: 'Use fewer or smaller sources; JSON is faster to read.' },
      };
    }
    const start = performance.now();
    const parsed = parse();
    this.#parseMs += performance.now() - start;
    return parsed;
  }
}

export function hashOf({ content }: Reference): string {
  return createHash('sha256').update(content).digest('hex');
}
