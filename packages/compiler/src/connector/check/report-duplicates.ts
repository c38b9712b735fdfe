/** Reports each text that the list already contains. */
export function reportDuplicates(texts: readonly string[], report: (text: string, index: number) => void): void {
  const seen = new Set<string>();
  for (const [index, text] of texts.entries()) {
    if (seen.has(text)) report(text, index);
    seen.add(text);
  }
}
