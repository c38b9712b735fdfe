import type { Diagnostic, Json } from '@toolplane/contracts';
import { type Document, LineCounter, parseDocument } from 'yaml';
import { createPositions, type Positions } from './positions.ts';
import { DIAGNOSTICS_MAX } from './problems.ts';
import { explainSyntaxError, tooDeep } from './syntax-errors.ts';
import { toValue } from './to-value.ts';
import { withinTime } from './within-time.ts';

/**
 * Converts text (YAML 1.2 core or JSON) to a JSON value that knows its positions. This module is independent of Flower
 * and Arazzo. The deployer chooses the text, so every cost is bounded here.
 */

export type ReadLimits = {
  bytesMax: number;
  aliasesMax: number;
  /** What to do about a document that exceeds the limit. */
  largerHint: string;
};

/** The limits of documents that people write for Toolplane. */
const OWN_LIMITS: ReadLimits = {
  bytesMax: 1024 * 1024,
  aliasesMax: 50,
  largerHint: 'Split it into several servers.',
};
const PARSE_MS_MAX = 3000;

/**
 * A document with its positions. `inexactNumbers` contains pointers to numbers that were rounded; the reader of the
 * document decides whether they are errors.
 */
export type PositionedDocument = { value: Json; positions: Positions; inexactNumbers?: readonly string[] };

/** Returns no document if the text cannot be read at all, and otherwise the document with its problems. */
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
    return { diagnostics: [explainSyntaxError(parsed.errors, text, lines)] };
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

/** The library does not count levels that are nested inside one line: it continues until the stack is full. */
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
      // The library's check is quadratic; `toValue` checks this instead.
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
