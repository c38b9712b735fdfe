/** Shorter values cannot be distinguished from ordinary text, so they are not redacted. */
export const REDACTABLE_LENGTH_MIN = 8;
