import type { Diagnostic } from '@toolplane/contracts';
import type { Position, Positions } from '../../document/positions.ts';
import { withinTime } from '../../document/within-time.ts';
import { type OpenApiDocument, OpenApiError } from '../../openapi/model.ts';
import { parseContent, type SourceProblem } from '../../openapi/parse-content.ts';
import { readOpenApi } from '../../openapi/read-open-api.ts';
import { type Chosen, chooseOperations, IS_DEPRECATED, nameOf, type Skipped } from './choose-operations.ts';
import { type ImportedOperations, listDiagnostics } from './import-diagnostics.ts';
import { type ImportContext, type ImportedOperation, importOperation } from './import-operation.ts';
import type { ImportOptions } from './import-options.ts';
import { Unimportable } from './parameters/parameter-draft.ts';
import { createPatternCheck } from './schemas/pattern-check.ts';
import { givenProblem, withGiven } from './security/given-authentication.ts';
import { createSignIns } from './security/sign-ins.ts';
import { toDescriptor } from './to-descriptor.ts';

export type ImportResult = {
  diagnostics: Diagnostic[];
  /** The text of the descriptor; absent if it would contain no operation. */
  descriptor?: string;
  imported: number;
  skipped: Skipped[];
};

const JSON_BYTES_MAX = 32 * 1024 ** 2;
const IMPORT_MS_MAX = 20_000;
const OPERATIONS_MAX = 5000;
/** A descriptor may have 16 MiB; the rest is room for additions by people. */
const DESCRIPTOR_BYTES_MAX = 15 * 1024 ** 2;
/**
 * The maximum sizes, in characters, of the schemas of one operation, tried in this order. A model reads the schemas
 * before each call.
 */
const SCHEMA_SIZES = [32_000, 12_000, 4000, 1000];

/**
 * Creates a descriptor of everything in an OpenAPI document (3.0, 3.1, 3.2; JSON up to 32 MiB, YAML up to 5 MiB) that a
 * connector supports. One unreadable operation does not stop the others; each missing one is listed with the reason.
 */
export function importOpenApi(text: string, options: ImportOptions = {}): ImportResult {
  const result = withinTime(IMPORT_MS_MAX, () => importWhole(text, options));
  if (result !== undefined) return result;
  const message = `The document takes more than ${IMPORT_MS_MAX / 1000} seconds to import`;
  const hint = 'Choose operations or tags, or leave out what is not used.';
  return refuse({ code: 'document_too_complex', message, hint });
}

function importWhole(text: string, options: ImportOptions): ImportResult {
  const problem = options.authentication && givenProblem(options.authentication);
  if (problem !== undefined) return refuse(problem);
  const content = parseContent(text, { jsonBytesMax: JSON_BYTES_MAX });
  if ('problem' in content) return refuse(content.problem);
  const read = readOpenApi(content.value, options.location ?? '', options.serverUrl);
  if ('problem' in read) return refuse(read.problem);
  const { diagnostics, ...result } = importDocument(read.document, options);
  return { ...result, diagnostics: diagnostics.map((each) => placed(each, content.positions)) };
}

/** A problem of the whole document is reported at its beginning. */
function placed(diagnostic: Diagnostic, positions: Positions): Diagnostic {
  return diagnostic.pointer === '' ? diagnostic : { ...diagnostic, ...positions.ofKey(diagnostic.pointer) };
}

function importDocument(document: OpenApiDocument, options: ImportOptions): ImportResult {
  const found = chooseOperations(document, options);
  const chosen = { ...found, operations: withGiven(found.operations, options.authentication) };
  const isUsable = createPatternCheck();
  const signIns = createSignIns(chosen.operations, options.serverUrl);
  for (const sizeMax of SCHEMA_SIZES) {
    const serverUrl = options.serverUrl === undefined ? {} : { serverUrl: options.serverUrl };
    const operations = importAll(chosen, { document, signIns, isUsable, sizeMax, ...serverUrl });
    if (operations.imported.length === 0) return nothing(document, operations, options);
    const authentication = signIns.authenticationsOf(operations.imported.map(({ source }) => source));
    const descriptor = toDescriptor(document, operations.imported, authentication, options);
    const unusableUrls = signIns.unusableUrlsOf(operations.imported.map(({ source }) => source));
    const isGivenUsed = found.operations.some(({ declaresSecurity }) => !declaresSecurity);
    const facts = {
      hasAuthentication: authentication.length > 0,
      isGivenUnused: options.authentication !== undefined && !isGivenUsed,
      unusableUrls,
    };
    const diagnostics = listDiagnostics(operations, facts);
    if (Buffer.byteLength(descriptor) > DESCRIPTOR_BYTES_MAX) continue;
    return { diagnostics, descriptor, imported: operations.imported.length, skipped: operations.skipped };
  }
  const message = 'The connector would be larger than 15 MiB';
  return refuse({ code: 'document_too_large', message, hint: 'Choose operations or tags.' });
}

function importAll({ operations, skipped, unknown }: Chosen, context: ImportContext): ImportedOperations {
  const imported: ImportedOperation[] = [];
  const refused: Skipped[] = [];
  for (const source of operations) {
    const name = nameOf(source);
    try {
      if (imported.length >= OPERATIONS_MAX)
        throw new Unimportable(`It is beyond the limit of ${OPERATIONS_MAX} operations`);
      imported.push(importOperation(source, context));
    } catch (thrown) {
      if (!(thrown instanceof Unimportable) && !(thrown instanceof OpenApiError)) throw thrown;
      refused.push({ operation: name, reason: thrown.message });
    }
  }
  return { imported, skipped: [...skipped, ...refused], unknown };
}

function nothing(document: OpenApiDocument, operations: ImportedOperations, options: ImportOptions): ImportResult {
  const { skipped } = operations;
  const diagnostics = listDiagnostics(operations, {
    hasAuthentication: true,
    isGivenUnused: false,
    unusableUrls: [],
  });
  const [first] = skipped.filter(({ reason }) => reason !== IS_DEPRECATED);
  const isServer = first?.reason.startsWith('The server URL') === true;
  const reason = first === undefined ? '' : `: ${first.reason}`;
  const title = document.title === undefined ? 'The document' : `"${document.title.slice(0, 100)}"`;
  const refusal = refuse({
    code: isServer ? 'unknown_server' : 'no_operations',
    message: `${title} has no operation that can be imported${reason}`,
    hint: isServer ? SERVER_HINT : hintFor(document, operations, options),
  });
  return { ...refusal, diagnostics: [...refusal.diagnostics, ...diagnostics], skipped };
}

const SERVER_HINT =
  'Give options.server_url, the URL where the API is, or options.location, the URL where the document is served.';

function hintFor(document: OpenApiDocument, { skipped }: ImportedOperations, options: ImportOptions): string {
  const isOld = skipped.length > 0 && skipped.every(({ reason }) => reason === IS_DEPRECATED);
  if (isOld) return 'All of them are deprecated: options.withDeprecated imports them.';
  if (skipped.length > 0) return 'See the reasons for the skipped operations.';
  if (document.operationPointers().length === 0) return 'There are none in its "paths".';
  const asked = (['operations', 'tags', 'readOnly'] as const).filter((key) => options[key] !== undefined);
  return `No operation fits options.${asked.join(' and options.')}.`;
}

function refuse({ code, message, hint, at = START }: SourceProblem): ImportResult {
  const diagnostic = { severity: 'error' as const, code, message, hint, pointer: '', ...at };
  return { diagnostics: [diagnostic], imported: 0, skipped: [] };
}

const START: Position = { line: 1, column: 1 };
