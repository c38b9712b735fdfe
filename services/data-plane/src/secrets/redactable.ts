/** Shorter values cannot be told apart from ordinary text, so they are not redacted. */
export const REDACTABLE_LENGTH_MIN = 8;
