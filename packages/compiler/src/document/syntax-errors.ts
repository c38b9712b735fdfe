import type { Diagnostic } from '@toolplane/contracts';
import type { LineCounter, YAMLError } from 'yaml';

/** The reason why a text is not valid YAML, in the words of document authors. */

type Explanation = { code?: string; message: string; hint: string; offset?: number };

/** Explains only the first error: further errors are consequences of it. */
export function explainSyntaxError(errors: readonly YAMLError[], text: string, lines: LineCounter): Diagnostic {
  const first =
    errors.find(({ code }) => code === 'RESOURCE_EXHAUSTION') ?? errors.toSorted((a, b) => a.pos[0] - b.pos[0])[0];
  const at = first?.pos[0] ?? 0;
  const known = first === undefined ? undefined : (explanations[first.code] ?? explainValue(first, text));
  const {
    code = 'invalid_yaml',
    offset = at,
    ...said
  } = known ?? {
    message: `This is not valid YAML: ${first?.message}`,
    hint: 'Check the indentation, quotes and brackets around this place.',
  };
  const { line, col } = lines.linePos(offset);
  return { severity: 'error', code, ...said, pointer: '', line, column: Math.max(col, 1) };
}

export const tooDeep = { message: 'The document nests too deeply', hint: 'A document nests at most 64 levels.' };

const explanations: Partial<Record<YAMLError['code'], Explanation>> = {
  MULTIPLE_DOCS: {
    code: 'multiple_documents',
    message: 'The text holds several YAML documents',
    hint: 'Keep one document and remove the "---" line.',
  },
  RESOURCE_EXHAUSTION: { code: 'too_deep', ...tooDeep },
  NON_STRING_KEY: {
    code: 'invalid_key',
    message: 'A key must be text',
    hint: 'Write the key as one plain or quoted word. A text that begins with "{" or "[" must be in quotes.',
  },
  TAB_AS_INDENT: {
    code: 'tab_indentation',
    message: 'Tabs cannot be used as indentation',
    hint: 'Indent with spaces.',
  },
  BAD_ALIAS: {
    message: 'A value without quotes cannot begin with & or *',
    hint: 'Put the whole value in quotes, or complete the name of the anchor.',
  },
  BAD_DQ_ESCAPE: {
    message: 'A text in double quotes has a backslash that begins no known escape',
    hint: 'Write two backslashes, or put the text in single quotes.',
  },
};

const IN_QUOTES = 'Put the whole value in quotes.';

/**
 * Explains characters that an unquoted value cannot contain, for which the parser reports only what it did not expect
 * after them.
 */
function explainValue({ code, message, pos: [at] }: YAMLError, text: string): Explanation | undefined {
  const line = text.slice(text.lastIndexOf('\n', at - 1) + 1, endOfLine(text, at));
  const before = line.slice(0, at - (text.lastIndexOf('\n', at - 1) + 1));
  const character = text.charAt(at);
  if (code === 'BAD_SCALAR_START') {
    return { message: `A value without quotes cannot begin with ${character}`, hint: IN_QUOTES };
  }
  if (/^[[{]$/.test(character) && /[^\s,:[{]$/.test(before)) {
    return { message: `A value without quotes cannot have ${character} here`, hint: IN_QUOTES };
  }
  if (/^[[{]/.test(lastValueIn(before)) && /[\]}]$/.test(before)) {
    const message = 'The value begins with a bracket, but goes on after the bracket is closed';
    return { message, hint: IN_QUOTES };
  }
  if (/["']$/.test(before.trimEnd()) && message.startsWith('Unexpected scalar at node end')) {
    const hint = "Put the whole value in quotes; inside single quotes, write '' for one.";
    return { message: 'The value goes on after its closing quote', hint };
  }
  const colon = code === 'BLOCK_IN_FLOW' || code === 'BLOCK_AS_IMPLICIT_KEY' ? colonBehind(text, at) : undefined;
  if (colon !== undefined) {
    return {
      message: 'There is a second ": " in this value, or a comma or a line break is missing before it',
      hint: 'Put the whole value in quotes if the ": " belongs to it.',
      offset: colon,
    };
  }
  return general.find(({ of }) => of.test(`${code} ${message}`))?.said;
}

/** Searches only the same line: a colon in another line is an error of indentation. */
function colonBehind(text: string, at: number): number | undefined {
  const found = text.slice(at, endOfLine(text, at)).search(/:(?=\s|$)/);
  return found < 0 ? undefined : at + found;
}

function lastValueIn(before: string): string {
  return before.slice(before.lastIndexOf(': ') + 1).trimStart();
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

const indented = {
  message: 'The indentation does not fit the lines before',
  hint: 'Give the keys of one object the same indentation, and what is inside them a deeper one.',
};

const unclosed = (bracket: string) => ({
  message: `A "${bracket}" is missing before this place`,
  hint: `Close the bracket, and put values in quotes that have brackets, commas or ": " in them.`,
});

const general: { of: RegExp; said: Explanation }[] = [
  { of: /Flow map .*end with a \}/, said: unclosed('}') },
  { of: /Flow sequence .*end with a \]/, said: unclosed(']') },
  {
    of: /Missing closing ["']/,
    said: { message: 'A quote is not closed', hint: 'Add the closing quote.' },
  },
  {
    of: /^(?:BAD_INDENT|BLOCK_AS_IMPLICIT_KEY|BAD_COLLECTION_TYPE)|Sequence item without -/,
    said: indented,
  },
  {
    of: /Implicit map keys need|^MULTILINE_IMPLICIT_KEY/,
    said: { message: 'A key must be followed by ": "', hint: 'Write key: value, with a space behind the colon.' },
  },
  {
    of: /Missing , /,
    said: { message: 'A comma is missing', hint: 'Separate the members by commas, or put the whole value in quotes.' },
  },
];
