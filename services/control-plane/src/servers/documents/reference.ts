import type { Reference } from '@toolplane/compiler';

/** A document that is stored with its deployment, so that it is never fetched again for that deployment. */
export type KeptReference = Reference & {
  /** The hash of the content in UTF-8, in hex. Absent in old deployments. */
  sha256?: string;
  /** When the platform fetched the document; absent if it was sent with the deployment. */
  fetchedAt?: string;
};
