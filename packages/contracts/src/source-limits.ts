/** The limits of each document that a deployed document refers to. */
export const sourceLimits = {
  bytesMax: 5 * 1024 * 1024,
  urlLengthMax: 2000,
  /** A single slow server must not delay a deployment. */
  fetchMsMax: 15_000,
  /** How long a fetch may wait while too many others are running. */
  waitMsMax: 10_000,
} as const;

/**
 * The limits of each metadata document of an OAuth client. While it is fetched, a person waits in front of a browser.
 */
export const clientDocumentLimits = {
  /** The draft (draft-ietf-oauth-client-id-metadata-document) recommends 5 KB. */
  bytesMax: 5 * 1024,
  fetchMsMax: 2000,
  /** How long a fetch may wait while too many others are running. */
  waitMsMax: 500,
} as const;
