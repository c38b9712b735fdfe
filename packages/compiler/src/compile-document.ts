import { compileArazzo } from './arazzo/compile-arazzo.ts';
import type { CompiledDocument, CompileOptions, CompileResult } from './compiled-document.ts';
import { compileConnector } from './connector/compile-connector.ts';
import { CONNECTOR_MS_MAX } from './connector/descriptor/read-connector.ts';
import { readDescriptorJson } from './connector/descriptor/read-text.ts';
import { Part } from './document/part.ts';
import { Problems } from './document/problems.ts';
import { readDocument } from './document/read-document.ts';
import { reportInexactNumbers } from './document/report-inexact-numbers.ts';
import { reportTooComplex } from './document/report-too-complex.ts';
import { withinTime } from './document/within-time.ts';
import { compileFlower } from './flower/compile-flower.ts';

/** Reports all that is wrong; what it gives makes the plans, and is called only when none of that is an error. */
type Compile = () => (() => CompiledDocument) | undefined;

/**
 * Every part has its own limits; `msMax` is for what they let through together. Descriptors are made from OpenAPI,
 * whose schemas name the bounds of 64 bits.
 */
type Format = { msMax: number; compile: Compile; needsExactNumbers?: boolean };

const FLOWER_MS_MAX = 3000;
/** With the sources, which may take most of it. */
const ARAZZO_MS_MAX = 12_000;

/** A Flower or an Arazzo document, or the descriptor of a connector, to plans. All problems come in one answer. */
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

/** By the key at the root that says the version; only connectors have metadata instead. */
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
