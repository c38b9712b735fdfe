import type { Json } from '@toolplane/contracts';
import { createJsonPositions } from '../document/json-positions.ts';
import type { Position, Positions } from '../document/positions.ts';
import { readDocument } from '../document/read-document.ts';

/**
 * A problem of a document that was not written for Toolplane: reported in one sentence at the location that names the
 * document.
 */
export type SourceProblem = { code: string; message: string; hint: string; at?: Position };

export type Content = { value: Json; positions: Positions } | { problem: SourceProblem };

const LIMITS = { bytesMax: 5 * 1024 ** 2, aliasesMax: 1000 };
const DEPTH_MAX = 64;
/** A text that looks like JSON but is invalid is parsed as YAML only up to this size. */
const FLOW_LENGTH_MAX = 256 * 1024;

/**
 * Parses JSON or YAML to plain values, within the limits that both need. JSON costs so much less that it may be larger.
 */
export function parseContent(text: string, { jsonBytesMax = LIMITS.bytesMax } = {}): Content {
  const isJson = /^\uFEFF?\s*[{[]/.test(text);
  const bytesMax = isJson ? jsonBytesMax : LIMITS.bytesMax;
  if (text.length > bytesMax || Buffer.byteLength(text) > bytesMax) {
    const hint = isJson || jsonBytesMax === bytesMax ? 'Leave out unused parts.' : 'Write it as JSON.';
    const message = `It is larger than ${bytesMax / 1024 ** 2} MiB`;
    return { problem: { code: 'document_too_large', message, hint } };
  }
  if (!isJson) return parseYaml(text);
  const parsed = parseJson(text);
  const isTried = 'problem' in parsed && parsed.problem.code === 'invalid_json' && text.length <= FLOW_LENGTH_MAX;
  return isTried ? parseYaml(text) : parsed;
}

function parseYaml(text: string): Content {
  const { document, diagnostics } = readDocument(text, LIMITS);
  const [first] = diagnostics;
  if (document !== undefined && first === undefined) return document;
  const { code = 'invalid_yaml', message = 'It cannot be read', hint = '', line = 1, column = 1 } = first ?? {};
  const at = { line, column };
  return { problem: { code, message: `${message} (line ${line}, column ${column})`, hint, at } };
}

/** Parses JSON of any size. */
export function parseJson(text: string): Content {
  let value: Json;
  try {
    value = JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text);
  } catch (thrown) {
    // The parser reports the position of most errors, but not of all.
    const [, line, column] = /line (\d+) column (\d+)/.exec((thrown as Error).message) ?? [];
    const problem = {
      code: 'invalid_json',
      message: 'It is not valid JSON',
      hint: 'Check commas, quotes and brackets.',
    };
    if (line === undefined) return { problem };
    const at = { line: Number(line), column: Number(column) };
    return { problem: { ...problem, message: `${problem.message} (line ${line}, column ${column})`, at } };
  }
  const problem = checkValue(value);
  return problem === undefined ? { value, positions: createJsonPositions(text) } : { problem };
}

/**
 * Applies limits, because the parser itself has none. This is a loop and not a recursion, because the depth is what is
 * checked.
 */
function checkValue(root: Json): SourceProblem | undefined {
  let level: Json[] = [root];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > DEPTH_MAX) {
      const message = `It nests more than ${DEPTH_MAX} levels`;
      return { code: 'too_deep', message, hint: 'Put parts of it into components.' };
    }
    const inside: Json[] = [];
    for (const value of level) {
      if (typeof value === 'string' && !value.isWellFormed()) return invalidText();
      if (Array.isArray(value)) for (const item of value) inside.push(item);
      else if (typeof value === 'object' && value !== null) {
        for (const key of Object.keys(value)) {
          if (key === '__proto__') return forbiddenKey();
          if (!key.isWellFormed()) return invalidText();
          inside.push(value[key] as Json);
        }
      }
    }
    level = inside;
  }
  return undefined;
}

function invalidText(): SourceProblem {
  const message = 'It has text that is not valid Unicode';
  return { code: 'invalid_encoding', message, hint: 'Complete the surrogate pairs.' };
}

function forbiddenKey(): SourceProblem {
  return { code: 'forbidden_key', message: 'The key "__proto__" is not allowed', hint: 'Choose another name.' };
}
