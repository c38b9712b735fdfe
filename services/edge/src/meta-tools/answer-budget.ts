import { planLimits } from '@toolplane/contracts';

/** The limit of the text that a model gets: as much as the outputs of one tool may have. */
export const ANSWER_BYTES_MAX = planLimits.outputBytesMax;
