import { planLimits } from '@toolplane/contracts';

/** The maximum size of the text that a model receives: as much as the outputs of one tool may have. */
export const ANSWER_BYTES_MAX = planLimits.outputBytesMax;
