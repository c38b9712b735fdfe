/** Words that say which of the things is meant, and not which thing. */
export const adjectives: ReadonlySet<string> = new Set(
  'all authenticated current me self public private latest single raw multiple many upcoming one legacy default'.split(
    ' ',
  ),
);
