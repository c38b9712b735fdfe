/** A name that is a segment of references: `$steps.<id>`, `$inputs.<name>`. */
export const REFERENCE_NAME = /^(?=.{1,64}$)\w+(?:-+\w+)*$/;

export const REFERENCE_NAME_HINT = 'Use 1 to 64 letters, digits, "_" and "-", with no "-" at either end.';
