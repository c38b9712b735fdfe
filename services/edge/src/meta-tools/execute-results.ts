import { type ErrorCode, type FinalOutcome, type Json, type JsonObject, succeeded } from '@toolplane/contracts';
import { toErrorText } from '../calls/tool-result.ts';
import { ANSWER_BYTES_MAX, type MetaAnswer } from './meta-tool.ts';

/** A call of a batch, and its outcome. */
export type EndedBatchCall = { slug: string; outcome: FinalOutcome; isRepeatable?: boolean };

/** This is not one of our error codes: the tool's own words describe the failure. */
const TOOL_ERROR = 'tool_error';
const TOO_LARGE: ErrorCode = 'output_too_large';

type Result = { index: number; slug: string; ok: boolean; output?: Json; error?: { code: string; message: string } };

/**
 * Returns one result per call, and its additional content. A result that does not fit into one answer is omitted and
 * says so.
 */
export function toExecuted(ended: readonly EndedBatchCall[]): MetaAnswer {
  let bytes = 0;
  const parts = ended.map((call, index) => {
    const part = toPart(call, index);
    const partBytes = sizeOf(part);
    // The first result always fits, because a tool keeps to its own budget. Errors are short, and say what was not
    // done.
    const fits = index === 0 || !call.outcome.ok || bytes + partBytes <= ANSWER_BYTES_MAX;
    if (fits) bytes += partBytes;
    return fits ? part : { result: toTooLarge(call, index, partBytes), content: [] };
  });
  const results = parts.map(({ result }) => result);
  const value = { results, error_count: results.filter(({ ok }) => !ok).length };
  const content = parts.flatMap((part) => withHeading(part, ended.length));
  const isVoid = ended.every(({ outcome }) => outcome.outcome === 'not_started');
  const text = { type: 'text', text: JSON.stringify(value) };
  const outcome = succeeded(value, content.length === 0 ? undefined : [text, ...content]);
  return { outcome, isVoid, hasErrors: value.error_count > 0 };
}

type SuccessfulOutcome = Extract<FinalOutcome, { ok: true }>;

type Part = { result: Result; content: readonly JsonObject[] };

function toPart({ slug, outcome, isRepeatable = false }: EndedBatchCall, index: number): Part {
  if (!outcome.ok) {
    const { code } = outcome.error;
    const message = toErrorText(outcome, { isRepeatable }).slice(`${code}: `.length);
    return { result: { index, slug, ok: false, error: { code, message } }, content: [] };
  }
  const { value, content = [] } = moveTextToOutput(outcome);
  if (isErrorResult(outcome)) {
    const message = 'The tool reported a failure: its output says why';
    return { result: { index, slug, ok: false, output: value, error: { code: TOOL_ERROR, message } }, content };
  }
  // A tool that returns only content has no outputs.
  const isEmpty = content.length > 0 && value === null;
  return { result: { index, slug, ok: true, ...(isEmpty ? {} : { output: value }) }, content };
}

/** Many tools of external servers answer only with text, which clients that read only the output would not see. */
function moveTextToOutput({ value, content = [] }: SuccessfulOutcome): Pick<SuccessfulOutcome, 'value' | 'content'> {
  const texts = content.flatMap((block) => (isPlainText(block) ? [block['text']] : []));
  if (value !== null || texts.length === 0) return { value, content };
  return { value: texts.join('\n'), content: content.filter((block) => !isPlainText(block)) };
}

/** Returns whether a block is a text without annotations, which would be lost. */
function isPlainText(block: JsonObject): block is { type: 'text'; text: string } {
  return block['type'] === 'text' && typeof block['text'] === 'string' && Object.keys(block).length === 2;
}

/** A tool of an external server may answer with a result that it marks as an error. */
function isErrorResult(outcome: FinalOutcome): boolean {
  return 'isError' in outcome && outcome.isError === true;
}

/** Returns an error for an output that is too large. The call has run, so a reader must not simply run it again. */
function toTooLarge({ slug, isRepeatable }: EndedBatchCall, index: number, bytes: number): Result {
  const size = `${Math.ceil(bytes / 1024)} KB`;
  const advice = isRepeatable
    ? 'Call it again as the only one of a batch.'
    : 'Check for its effect before you repeat it.';
  const message = `The call was executed, but its output (${size}) does not fit into one answer with the others. ${advice}`;
  return { index, slug, ok: false, error: { code: TOO_LARGE, message } };
}

/** Adds a heading that names the result to which these blocks belong. */
function withHeading({ result, content }: Part, count: number): readonly JsonObject[] {
  if (content.length === 0 || count === 1) return content;
  return [{ type: 'text', text: `Content of results[${result.index}] (${result.slug}):` }, ...content];
}

/**
 * Returns the size of a result's text. Images and similar content are not text for a model, and have separate limits.
 */
function sizeOf({ result, content }: Part): number {
  const texts = content.filter(({ type }) => type === 'text');
  return Buffer.byteLength(JSON.stringify([result, texts]));
}
