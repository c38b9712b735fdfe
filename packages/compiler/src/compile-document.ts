import { compileArazzo } from './arazzo/compile-arazzo.ts';
import type { CompiledDocument, CompileOptions, CompileResult } from './compiled-document.ts';
import { compileConnector } from './connector/compile-connector.ts';
import { readDescriptorJson } from './connector/descriptor/read-text.ts';
import { CONNECTOR_MS_MAX } from './connector/read-connector.ts';
import { Part } from './document/part.ts';
import { Problems } from './document/problems.ts';
import { readDocument } from './document/read-document.ts';
import { reportInexactNumbers } from './document/report-inexact-numbers.ts';
import { reportTooComplex } from './document/report-too-complex.ts';
import { withinTime } from './document/within-time.ts';
import { compileFlower } from './flower/compile-flower.ts';

/**
 * Reports all problems and returns a function that creates the plans. The function may be called only if none of the
 * problems is an error.
 */
type Compile = () => (() => CompiledDocument) | undefined;

/**
 * Every part has its own limits; `msMax` bounds the time for everything that they allow together. Descriptors do not
 * need exact numbers: they are made from OpenAPI, whose schemas contain the bounds of 64-bit integers.
 */
type Format = { msMax: number; compile: Compile; needsExactNumbers?: boolean };

const FLOWER_MS_MAX = 3000;
/** Includes the sources, which may take most of the time. */
const ARAZZO_MS_MAX = 12_000;

/**
 * Compiles a Flower or an Arazzo document, or the descriptor of a connector, to plans. Reports all problems together.
 */
export function compileDocument(definition: string, options: CompileOptions): CompileResult {
  const { document: positioned, diagnostics: readProblems } =
    readDescriptorJson(definition) ?? readDocument(definition);
  if (positioned === undefined) return { diagnostics: readProblems };
  const problems = new Problems(positioned.positions, readProblems);
  const format = formatOf(new Part(positioned.value, '', problems), definition, options);
  if (format?.needsExactNumbers) reportInexactNumbers(positioned.inexactNumbers ?? [], problems);
  const toDocument = format && compileInTime(format, problems);
  const diagnostics = problems.toList();
  if (toDocument === undefined || diagnostics.some(({ severity }) => severity === 'error')) return { diagnostics };
  return { diagnostics, document: toDocument() };
}

/** Detects the format by the key at the root that declares the version. Connectors alone have `metadata` instead. */
function formatOf(root: Part, definition: string, options: CompileOptions): Format | undefined {
  if (root.object() === undefined) return undefined;
  if (root.member('flower') !== undefined) {
    return { msMax: FLOWER_MS_MAX, compile: () => compileFlower(root, options), needsExactNumbers: true };
  }
  if (root.member('arazzo') !== undefined) {
    const compile = () => compileArazzo(root, definition, options);
    return { msMax: ARAZZO_MS_MAX, compile, needsExactNumbers: true };
  }
  if (root.member('metadata') !== undefined) {
    return { msMax: CONNECTOR_MS_MAX, compile: () => compileConnector(root, options) };
  }
  const hint = 'Begin with flower: "0.1" or arazzo: 1.0.1; a connector begins with metadata.';
  root.error('unknown_format', 'The document has none of "flower", "arazzo" and "metadata"', hint);
  return undefined;
}

function compileInTime({ msMax, compile }: Format, problems: Problems): ReturnType<Compile> {
  const compiled = withinTime(msMax, () => ({ toDocument: compile() }));
  if (compiled !== undefined) return compiled.toDocument;
  reportTooComplex(problems, msMax);
  return undefined;
}
