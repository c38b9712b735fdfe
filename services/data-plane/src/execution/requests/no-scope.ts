import type { Scope } from '@toolplane/expressions';

/** The scope for expressions that use no values of a run. */
export const NO_SCOPE: Scope = { inputs: {}, steps: {}, outputs: {}, secrets: {}, current_user: {}, config: {} };
