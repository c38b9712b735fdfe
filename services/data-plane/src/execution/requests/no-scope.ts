import type { Scope } from '@toolplane/expressions';

/** For what is made of nothing of a run. */
export const NO_SCOPE: Scope = { inputs: {}, steps: {}, outputs: {}, secrets: {}, current_user: {}, config: {} };
