import { AppError } from '@toolplane/contracts';
import { LRUCache } from 'lru-cache';

/** How long the last verified document may be used while Redis cannot be read. */
const LAST_KNOWN_MS_MAX = 24 * 60 * 60 * 1000;
/** How soon Redis is read again after it did not answer. */
const RETRY_MS = 1000;

export type Revisioned = { revision: number };

/** The value of a key in Redis. `isComplete` says whether a missing value means that the document does not exist. */
export type DocumentLookup = { text: string | null; isComplete: boolean };

export type DocumentCache<Document> = {
  /** For the hot path: returns the document if it is in memory and fresh. */
  peek(id: string): Document | undefined;
  /** Whether the document is in memory, fresh or not, and not known to be gone. */
  has(id: string): boolean;
  /**
   * Resolves with undefined if the document does not exist. Throws `config_unavailable` if that cannot be determined.
   */
  get(id: string): Promise<Document | undefined>;
  /** Must be called when the document was published again: it is then read again at its next use. */
  expire(id: string): void;
  expireAll(): void;
};

export type DocumentCacheLimits = {
  entriesMax: number;
  /** The maximum length of all signed texts together; the parsed documents take a few times as many bytes. */
  charactersMax: number;
  refreshMs: number;
};

/** `isGone`: the document no longer exists. This is remembered, so that no earlier revision of it comes back. */
type Entry<Document> = { text: string; document: Document; verifiedAt: number; freshUntil: number; isGone?: boolean };

/**
 * Verified documents by id; the most recently used are kept. A document is read again after `refreshMs` or when a
 * change of it was announced; the same text is not verified twice, and a document never goes back to an earlier
 * revision.
 */
export function createDocumentCache<Document extends Revisioned>(
  options: DocumentCacheLimits & {
    lookUp: (id: string) => Promise<DocumentLookup>;
    /** Checks the signature, the schema, and that the document belongs to this id; throws otherwise. */
    verify: (id: string, text: string) => Promise<Document>;
  },
): DocumentCache<Document> {
  const { lookUp, verify, entriesMax, charactersMax, refreshMs } = options;
  const entries = new LRUCache<string, Entry<Document>>({
    max: entriesMax,
    maxSize: charactersMax,
    // A document that is larger than the limit for all is kept alone: its known revision must not be forgotten.
    sizeCalculation: ({ text }) => Math.min(text.length, charactersMax),
  });
  const reading = new Map<string, Promise<Document | undefined>>();
  /**
   * A count, because a read that began before an announcement may return the older document, which then is not fresh.
   */
  let announcements = 0;

  function keep(id: string, entry: Entry<Document>): Document | undefined {
    entries.set(id, entry);
    return documentOf(entry);
  }

  async function read(id: string): Promise<Document | undefined> {
    const announcementsBefore = announcements;
    const lookup = await lookUp(id).catch((cause: unknown) => ({ text: null, isComplete: false, cause }));
    if (lookup.text === null && lookup.isComplete) {
      // Everything that exists is published, so a missing document is gone, even if it was known.
      return markGone(id);
    }
    if (lookup.text === null) return keepLastKnown(id, 'cause' in lookup ? lookup.cause : undefined);
    const { document: verified, cause } = await verifyOnce(id, lookup.text);
    if (verified === undefined) return keepLastKnown(id, cause);
    const known = entries.get(id);
    const now = Date.now();
    // An older document, or one that a later read has overtaken, does not replace the known one.
    const isNoProgress =
      known !== undefined &&
      known.document !== verified &&
      (known.document.revision > verified.revision || (known.document.revision === verified.revision && !known.isGone));
    if (isNoProgress) return keep(id, { ...known, freshUntil: now + RETRY_MS });
    const freshUntil = announcements === announcementsBefore ? now + refreshMs : 0;
    return keep(id, { text: lookup.text, document: verified, verifiedAt: now, freshUntil });
  }

  function markGone(id: string): undefined {
    const known = entries.get(id);
    if (known !== undefined) keep(id, { ...known, freshUntil: 0, isGone: true });
  }

  async function verifyOnce(id: string, text: string): Promise<{ document?: Document; cause?: unknown }> {
    const known = entries.get(id);
    if (known?.text === text) return { document: known.document };
    try {
      return { document: await verify(id, text) };
    } catch (cause) {
      return { cause };
    }
  }

  /**
   * Used if Redis does not answer, contains a forged document, or lost its content and has not been filled again yet.
   */
  function keepLastKnown(id: string, cause: unknown): Document | undefined {
    const known = entries.get(id);
    const now = Date.now();
    if (known === undefined || known.isGone || now - known.verifiedAt > LAST_KNOWN_MS_MAX) throw unavailable(cause);
    return keep(id, { ...known, freshUntil: now + RETRY_MS });
  }

  function readOnce(id: string): Promise<Document | undefined> {
    const underWay = reading.get(id);
    if (underWay !== undefined) return underWay;
    const started = read(id).finally(() => {
      if (reading.get(id) === started) reading.delete(id);
    });
    reading.set(id, started);
    return started;
  }

  function peek(id: string): Document | undefined {
    const entry = entries.get(id);
    return entry !== undefined && entry.freshUntil > Date.now() ? documentOf(entry) : undefined;
  }

  return {
    peek,
    has(id) {
      const entry = entries.get(id);
      return entry !== undefined && !entry.isGone;
    },
    get: async (id) => peek(id) ?? readOnce(id),
    expire(id) {
      const entry = entries.get(id);
      if (entry !== undefined) entry.freshUntil = 0;
      announcements += 1;
      reading.delete(id);
    },
    expireAll() {
      for (const entry of entries.values()) entry.freshUntil = 0;
      announcements += 1;
      reading.clear();
    },
  };
}

function documentOf<Document>({ isGone, document }: Entry<Document>): Document | undefined {
  return isGone ? undefined : document;
}

export function unavailable(cause?: unknown): AppError {
  return new AppError('config_unavailable', 'The published data cannot be read right now', { cause });
}
