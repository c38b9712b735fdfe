/** Converts a text with `make`, and keeps the results for the last few texts. A result is never undefined. */
export function memoizeRecent<Made>(keptMax: number, make: (text: string) => Made): (text: string) => Made {
  const kept = new Map<string, Made>();
  return (text) => {
    const made = kept.get(text) ?? make(text);
    // Inserting the text again makes it the newest.
    kept.delete(text);
    kept.set(text, made);
    const [oldest] = kept.keys();
    if (kept.size > keptMax && oldest !== undefined) kept.delete(oldest);
    return made;
  };
}
