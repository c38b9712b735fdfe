/** For each document that a deployed document refers to. */
export const sourceLimits = {
  bytesMax: 5 * 1024 * 1024,
  urlLengthMax: 2000,
  /** One server that dribbles must not hold up a deployment. */
  fetchMsMax: 15_000,
  /** Until it is fetched, while too many others are. */
  waitMsMax: 10_000,
} as const;

/** For each metadata document of an OAuth client, for which a person waits in front of a browser. */
export const clientDocumentLimits = {
  /** The draft (draft-ietf-oauth-client-id-metadata-document) recommends 5 KB. */
  bytesMax: 5 * 1024,
  fetchMsMax: 2000,
  /** Until it is fetched, while too many others are. */
  waitMsMax: 500,
} as const;
