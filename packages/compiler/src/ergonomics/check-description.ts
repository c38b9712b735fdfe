import { lacksVerb } from './lacks-verb.ts';
import type { PlacedTool } from './placed-tool.ts';

const LENGTH_MIN = 20;
const HINT = 'Say in a sentence what the tool does and what it returns.';

/** A model chooses a tool by its description alone. */
export function checkDescription({ name, description, warn }: PlacedTool): void {
  const said = description?.trim() ?? '';
  const vague = (message: string) => warn('/description', 'vague_description', message, HINT);
  if (said === '') {
    warn('', 'missing_description', `The tool "${name}" has no description`, HINT);
  } else if (lettersOf(said) === lettersOf(name)) {
    vague('The description only repeats the name');
  } else if (widthOf(said) < LENGTH_MIN) {
    vague(`The description is shorter than ${LENGTH_MIN} characters: a model chooses tools by their description`);
  } else if (lacksVerb(said)) {
    vague('The description does not say what the tool does: it has no verb');
  }
}

function lettersOf(text: string): string {
  return text.toLowerCase().replaceAll(/[\s_.-]/g, '');
}

/** A character of these scripts carries at least as much information as two letters. */
function widthOf(text: string): number {
  const wide = text.match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu) ?? [];
  return text.length + wide.length;
}
