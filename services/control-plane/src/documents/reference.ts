import type { Reference } from '@toolplane/compiler';

/** Stored with its deployment, so that nothing is ever fetched for it again. */
export type KeptReference = Reference & {
  /** Of the content in UTF-8, in hex. Absent in old deployments. */
  sha256?: string;
  /** When the platform fetched it; absent if it was sent with the deployment. */
  fetchedAt?: string;
};
