import type { Diagnostic, Json } from '@toolplane/contracts';
import { type Document, LineCounter, parseDocument, type YAMLError } from 'yaml';
import { createPositions, type Positions } from './positions.ts';
import { DIAGNOSTICS_MAX } from './problems.ts';
import { toValue } from './to-value.ts';
import { withinTime } from './within-time.ts';

/**
 * Text of any format (YAML 1.2 core or JSON) to a JSON value that knows its positions. Knows nothing of Flower or
 * Arazzo. Whoever deploys chooses the text, so every cost has a bound here.
 */

export type ReadLimits = {
  bytesMax: number;
  aliasesMax: number;
  /** What to do about a document over the limit. */
  largerHint: string;
};

/** Of documents that people write for Toolplane. */
const OWN_LIMITS: ReadLimits = {
  bytesMax: 1024 * 1024,
  aliasesMax: 50,
  largerHint: 'Split it into several servers.',
};
const PARSE_MS_MAX = 3000;
const SYNTAX_ERRORS_MAX = 20;
const SAME_ERRORS_MAX = 2;

/** Whoever reads the document says whether it minds numbers that were rounded; these are pointers to them. */
export type PositionedDocument = { value: Json; positions: Positions; inexactNumbers?: readonly string[] };

/** Without a document when the text cannot be read at all; otherwise the document beside its problems. */
export function readDocument(
  source: string,
  limits: Partial<ReadLimits> = {},
): { document?: PositionedDocument; diagnostics: Diagnostic[] } {
  const { bytesMax, aliasesMax, largerHint } = { ...OWN_LIMITS, ...limits };
  const text = source.startsWith('\uFEFF') ? source.slice(1) : source;
  const refusal = checkText(text, { bytesMax, largerHint });
  if (refusal !== undefined) return { diagnostics: [refusal] };
  const read = parse(text);
  if (read === 'too deep') return { diagnostics: [atText('', 0, 'too_deep', tooDeep.message, tooDeep.hint)] };
  if (read === undefined) return { diagnostics: [tooComplex()] };
  const { parsed, lines } = read;
  if (parsed.errors.length > 0) {
    return { diagnostics: firstOfEach(parsed.errors).map((problem) => toDiagnostic(problem, lines)) };
  }
  const { value, aliases, problems: contentProblems, inexactNumbers } = toValue(parsed, aliasesMax);
  const positions = createPositions({ root: parsed.contents, aliases, text, lines });
  const diagnostics = contentProblems.slice(0, DIAGNOSTICS_MAX).map(({ offset, ...problem }): Diagnostic => {
    return { severity: 'error', ...problem, ...positions.atOffset(offset) };
  });
  return { document: { value, positions, inexactNumbers }, diagnostics };
}

function checkText(
  text: string,
  { bytesMax, largerHint }: Pick<ReadLimits, 'bytesMax' | 'largerHint'>,
): Diagnostic | undefined {
  if (text.length > bytesMax || Buffer.byteLength(text) > bytesMax) {
    const message = `The document is larger than ${bytesMax / 1024 ** 2} MiB`;
    return atText('', 0, 'document_too_large', message, largerHint);
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are what the check is about.
  const control = text.search(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/);
  if (control >= 0) {
    const hint = 'Save the document as UTF-8 text; a file in UTF-16 looks like this too.';
    return atText(text, control, 'control_character', 'The document has a control character', hint);
  }
  if (!text.isWellFormed()) {
    return atText(text, 0, 'invalid_encoding', 'The document is not valid Unicode', 'Save the document as UTF-8 text.');
  }
  return undefined;
}

function atText(text: string, offset: number, code: string, message: string, hint: string): Diagnostic {
  const before = text.slice(0, offset).split(/\r\n?|\n/);
  const column = (before.at(-1) ?? '').length + 1;
  return { severity: 'error', code, message, hint, pointer: '', line: before.length, column };
}

/** Of what is nested inside one line the library keeps no count: it goes on until the stack is full. */
function parse(text: string): ParsedText | 'too deep' | undefined {
  try {
    return parseInTime(text);
  } catch (thrown) {
    if (thrown instanceof RangeError) return 'too deep';
    throw thrown;
  }
}

type ParsedText = { parsed: Document.Parsed; lines: LineCounter };

function parseInTime(text: string): ParsedText | undefined {
  return withinTime(PARSE_MS_MAX, () => {
    const lines = new LineCounter();
    const parsed = parseDocument(text, {
      version: '1.2',
      schema: 'core',
      merge: false,
      stringKeys: true,
      // The library's check is quadratic; ours is in toValue.
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'error',
      lineCounter: lines,
    });
    return { parsed, lines };
  });
}

function tooComplex(): Diagnostic {
  const message = `The document takes more than ${PARSE_MS_MAX / 1000} seconds to parse`;
  return atText('', 0, 'document_too_complex', message, 'Simplify or split the document.');
}

/** One slip in the indentation is an error in each line behind it. */
function firstOfEach(errors: readonly YAMLError[]): YAMLError[] {
  const byMessage = Map.groupBy(errors, ({ code, message }) => `${code} ${message}`);
  const told = new Set([...byMessage.values()].flatMap((same) => same.slice(0, SAME_ERRORS_MAX)));
  return errors.filter((error) => told.has(error)).slice(0, SYNTAX_ERRORS_MAX);
}

function toDiagnostic({ code, message, pos }: YAMLError, lines: LineCounter): Diagnostic {
  const { line, col } = lines.linePos(pos[0]);
  const at = { severity: 'error' as const, pointer: '', line, column: Math.max(col, 1) };
  const known = explanations[code];
  return known === undefined
    ? { ...at, code: 'invalid_yaml', message, hint: 'Check the indentation, quotes and brackets around this place.' }
    : { ...at, ...known };
}

const tooDeep = { message: 'The document nests too deeply', hint: 'A document nests at most 64 levels.' };

const explanations: Partial<Record<YAMLError['code'], { code: string; message: string; hint: string }>> = {
  MULTIPLE_DOCS: {
    code: 'multiple_documents',
    message: 'The text holds several YAML documents',
    hint: 'Keep one document and remove the "---" line.',
  },
  RESOURCE_EXHAUSTION: { code: 'too_deep', ...tooDeep },
  NON_STRING_KEY: {
    code: 'invalid_key',
    message: 'A key must be text',
    hint: 'Write the key as one plain or quoted word.',
  },
  TAB_AS_INDENT: {
    code: 'tab_indentation',
    message: 'Tabs cannot be used as indentation',
    hint: 'Indent with spaces.',
  },
};
