import type { Scope } from '@toolplane/expressions';

/** For values that use nothing of a run. */
export const NO_SCOPE: Scope = { inputs: {}, steps: {}, outputs: {}, secrets: {}, current_user: {}, config: {} };
