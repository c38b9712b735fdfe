/** Makes something of a text, and keeps what was made of the last few. What is made is never undefined. */
export function rememberRecent<Made>(keptMax: number, make: (text: string) => Made): (text: string) => Made {
  const kept = new Map<string, Made>();
  return (text) => {
    const made = kept.get(text) ?? make(text);
    // Put in again, it is the newest.
    kept.delete(text);
    kept.set(text, made);
    const [oldest] = kept.keys();
    if (kept.size > keptMax && oldest !== undefined) kept.delete(oldest);
    return made;
  };
}
