import { type Diagnostic, isJsonObject, type Json } from '@toolplane/contracts';
import { findDuplicateKeys } from '../../document/find-duplicate-keys.ts';
import { createJsonPositions } from '../../document/json-positions.ts';
import { DIAGNOSTICS_MAX } from '../../document/problems.ts';
import { type PositionedDocument, readDocument } from '../../document/read-document.ts';
import { parseJson } from '../../openapi/parse-content.ts';

type Read = { document?: PositionedDocument; diagnostics: Diagnostic[] };

/** The limit of JSON, which machines write; YAML has the limit of documents that people write. */
const JSON_BYTES_MAX = 16 * 1024 ** 2;
const LARGER_HINT = `Write it as JSON, which may have ${JSON_BYTES_MAX / 1024 ** 2} MiB, or leave out operations.`;
/** A text that looks like JSON but is invalid is parsed as YAML only up to this size. */
const FLOW_LENGTH_MAX = 256 * 1024;

/** Reads the text of a descriptor in YAML or JSON. */
export function readText(text: string): Read {
  if (!looksLikeJson(text)) return readDocument(text, { largerHint: LARGER_HINT });
  if (text.length > JSON_BYTES_MAX || Buffer.byteLength(text) > JSON_BYTES_MAX) {
    const message = `The document is larger than ${JSON_BYTES_MAX / 1024 ** 2} MiB`;
    return refuse('document_too_large', message, 'Leave out operations that nobody needs.');
  }
  const parsed = parseJson(text);
  if ('value' in parsed) return fromJson(text, parsed.value);
  const { code, message, hint } = parsed.problem;
  if (code === 'invalid_json' && text.length <= FLOW_LENGTH_MAX) return readDocument(text);
  return refuse(code, message, hint);
}

/** Reads a descriptor in JSON, which may be larger than other documents. Returns undefined for anything else. */
export function readDescriptorJson(text: string): Read | undefined {
  if (!looksLikeJson(text) || !text.includes('"metadata"') || text.length > JSON_BYTES_MAX) return undefined;
  const read = readText(text);
  return isDescriptor(read.document?.value) ? read : undefined;
}

function isDescriptor(value: Json | undefined): boolean {
  if (!isJsonObject(value)) return false;
  const has = (key: string) => Object.hasOwn(value, key);
  return has('metadata') && !has('flower') && !has('arazzo');
}

function looksLikeJson(text: string): boolean {
  return /^\uFEFF?\s*\{/.test(text);
}

function fromJson(text: string, value: Json): Read {
  const positions = createJsonPositions(text);
  const diagnostics = findDuplicateKeys(text, DIAGNOSTICS_MAX).map(({ key, pointer, offset }): Diagnostic => {
    const message = `Duplicate key "${key}"`;
    const place = { pointer, ...positions.atOffset(offset) };
    return { severity: 'error', code: 'duplicate_key', message, hint: 'Keep one of them.', ...place };
  });
  return { document: { value, positions }, diagnostics };
}

function refuse(code: string, message: string, hint: string): Read {
  return { diagnostics: [{ severity: 'error', code, message, hint, pointer: '', line: 1, column: 1 }] };
}
