/** A document that accompanies the deployed one: provided with it or fetched before. */
export type Reference = {
  /** The name of the source description to which the document belongs. */
  name: string;
  content: string;
  /** The location from which the document was loaded: a URL, or a file name if nothing else is known. */
  location: string;
};

/** The limits of all documents of a deployment together; `documentsMax` includes the deployed document. */
export const sourceLimits = { documentsMax: 20, lengthMax: 20 * 1024 ** 2, parseMsMax: 6000 } as const;
