/** Abbreviations, whose final dot does not end a sentence. */
const ABBREVIATION = /(?:\b(?:e\.g|i\.e|etc|vs|cf|approx|no|incl|resp|max|min|ex)|\b[A-Z])\.$/i;

/** Splits a text of one line into sentences. */
export function sentencesOf(text: string): string[] {
  const sentences: string[] = [];
  for (const piece of text.split(/(?<=[.!?])\s+(?=["'(]?[A-Z0-9])/)) {
    const last = sentences.at(-1);
    if (last !== undefined && ABBREVIATION.test(last)) sentences[sentences.length - 1] = `${last} ${piece}`;
    else if (piece !== '') sentences.push(piece);
  }
  return sentences;
}

/** Keeps as many whole sentences as fit; if the first sentence is too long, keeps its first words. */
export function shorten(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  let kept = '';
  for (const sentence of sentencesOf(text)) {
    const longer = kept === '' ? sentence : `${kept} ${sentence}`;
    if (longer.length > lengthMax) break;
    kept = longer;
  }
  if (kept !== '') return kept;
  const cut = text.slice(0, lengthMax - 1);
  return `${cut.slice(0, cut.lastIndexOf(' ') > lengthMax / 2 ? cut.lastIndexOf(' ') : cut.length).toWellFormed()}…`;
}
