/** The first line of a text, for a list. */
export function shorten(text: string, lengthMax = 100): string {
  const [line = ''] = text.trim().split('\n');
  const characters = [...line];
  return characters.length > lengthMax ? `${characters.slice(0, lengthMax - 1).join('')}…` : line;
}
