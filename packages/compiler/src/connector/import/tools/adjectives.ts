/** Words that specify which thing is meant, but not what kind of thing it is. */
export const adjectives: ReadonlySet<string> = new Set(
  'all authenticated current me self public private latest single raw multiple many upcoming one legacy default'.split(
    ' ',
  ),
);
