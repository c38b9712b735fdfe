import type { Reference } from '@toolplane/compiler';

/** Kept with its deployment, so that nothing is ever fetched for it again. */
export type KeptReference = Reference & {
  /** Of the content in UTF-8, in hex. Absent in old deployments. */
  sha256?: string;
  /** When the platform fetched it; absent for one that came with the deployment. */
  fetchedAt?: string;
};
