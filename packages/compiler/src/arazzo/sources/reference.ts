/** A document that comes with the deployed one: given with it, or fetched before. */
export type Reference = {
  /** Of the source description that it is for. */
  name: string;
  content: string;
  /** Where it came from: a URL, or a file name where that is all there is. */
  location: string;
};

/** Of all documents that a deployment leads to; `documentsMax` counts the deployed one. */
export const sourceLimits = { documentsMax: 20, lengthMax: 20 * 1024 ** 2, parseMsMax: 6000 } as const;
