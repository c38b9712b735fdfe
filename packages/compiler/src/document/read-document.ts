import type { Diagnostic, Json } from '@toolplane/contracts';
import { type Document, LineCounter, parseDocument } from 'yaml';
import { createPositions, type Positions } from './positions.ts';
import { DIAGNOSTICS_MAX } from './problems.ts';
import { explainSyntaxError, tooDeep } from './syntax-errors.ts';
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
