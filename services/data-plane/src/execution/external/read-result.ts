import { isSpecType } from '@modelcontextprotocol/client';
import {
  AppError,
  abilityFor,
  capabilitiesFor,
  type InputRequired,
  inputRequestSchema,
  isJsonObject,
  type Json,
  type JsonObject,
  type Outcome,
  planLimits,
} from '@toolplane/contracts';
import { z } from 'zod';
import { UpstreamError } from '../../egress/upstream-error.ts';
import { cleanQuestion } from '../../external-mcp/clean-question.ts';
import { isNestedDeeper } from '../../external-mcp/nesting.ts';
import { bytesOf, checkSize } from '../answer-size.ts';
import { findBinaryTexts } from '../binary-texts.ts';
import { type Run, redactorOf } from '../run.ts';
import { abilitiesOf } from './answer-question.ts';
import { filterMeta } from './filter-meta.ts';
import { toQuestionState } from './question-state.ts';

const objects = z.array(
  z.record(
    z.string(),
    z.custom<Json>((value) => value !== undefined),
  ),
);

/**
 * Clients refuse a result that contains anything else. If a block has another type, they also refuse the results of
 * other tools in the same batch.
 */
const toolResultSchema = z.looseObject({
  content: objects.refine((blocks) => blocks.every(isSpecType.ContentBlock)).default([]),
  structuredContent: z.unknown().optional(),
  isError: z.boolean().optional(),
});
const promptResultSchema = z.looseObject({
  messages: objects.refine((messages) => messages.every(isSpecType.PromptMessage)),
});
const resourceResultSchema = z.looseObject({ contents: objects.refine((contents) => contents.every(isContents)) });
const completionResultSchema = z.looseObject({
  completion: z.looseObject({
    values: z.array(z.string()).max(100),
    total: z.number().optional(),
    hasMore: z.boolean().optional(),
  }),
});
const inputRequiredSchema = z.looseObject({
  resultType: z.literal('input_required'),
  inputRequests: z.record(z.string(), inputRequestSchema).default({}),
  requestState: z.string().optional(),
});

/** Contents without a URI belong to the URI that was requested. */
function isContents(contents: JsonObject): boolean {
  const named = { uri: '', ...contents };
  return isSpecType.TextResourceContents(named) || isSpecType.BlobResourceContents(named);
}

const DEPTH_MAX = 200;

/**
 * Returns the server's result without secrets, without the members of `_meta` that only the platform may set, and
 * within the limits.
 */
export function readResult(run: Run, result: JsonObject): Outcome {
  if (isNestedDeeper(result, DEPTH_MAX)) throw noMcp();
  if (result['resultType'] === 'input_required') return readInputRequired(run, parse(inputRequiredSchema, result));
  const kind = run.prepared.plan.external?.target.kind;
  if (kind === 'prompt') return finish(run, null, parse(promptResultSchema, result).messages);
  if (kind === 'resource') return finish(run, null, parse(resourceResultSchema, result).contents);
  if (kind === 'completion') return finish(run, parse(completionResultSchema, result).completion as JsonObject);
  const { content, structuredContent, isError } = parse(toolResultSchema, result);
  if (isError !== true && run.prepared.external?.isPromised(structuredContent as Json | undefined) === false) {
    const answered = content.length > 0 || structuredContent === undefined ? content : [toBlock(structuredContent)];
    return finish(run, null, [BROKEN_PROMISE, ...answered], true);
  }
  // Clients of versions before 2026 accept only an object.
  const value = isJsonObject(structuredContent) ? structuredContent : null;
  const texts =
    structuredContent !== undefined && value === null && content.length === 0 ? [toBlock(structuredContent)] : [];
  return finish(run, value, [...content, ...texts], isError === true);
}

function finish(run: Run, value: JsonObject | null, content?: JsonObject[], isError = false): Outcome {
  const { plan } = run.prepared;
  const redactor = redactorOf(run);
  const masked = redactor.redact(value) as JsonObject | null;
  const blocks = content === undefined ? undefined : (redactor.redact(content.map(filterMeta)) as JsonObject[]);
  const binaryBytes = (blocks ?? [])
    .flatMap((block, index) => findBinaryTexts(block, `content/${index}`))
    .reduce((sum, { text }) => sum + text.length, 0);
  if (binaryBytes > planLimits.responseBytesMax) {
    throw new AppError(
      'output_too_large',
      `The base64 in the content has more than ${planLimits.responseBytesMax} bytes`,
    );
  }
  checkSize(plan, bytesOf(masked) + (blocks === undefined ? 0 : bytesOf(blocks) - binaryBytes));
  return {
    ok: true,
    outcome: 'done',
    value: masked,
    ...(blocks === undefined ? {} : { content: blocks }),
    ...(isError ? { isError } : {}),
  };
}

/** Accepts only questions that the client can be asked and the server may ask. */
function readInputRequired(
  run: Run,
  { inputRequests, requestState }: z.infer<typeof inputRequiredSchema>,
): InputRequired {
  const mayAsk = abilitiesOf(run);
  for (const request of Object.values(inputRequests)) {
    const ability = abilityFor(request);
    if (mayAsk.includes(ability)) continue;
    const message = `The external server asks for something that this client does not support: it lacks the capability ${ability}`;
    throw new AppError('client_capability_missing', message, {
      details: { requiredCapabilities: capabilitiesFor([ability]) },
    });
  }
  const redacted = redactorOf(run).redact(inputRequests) as InputRequired['inputRequests'];
  const serverName = run.prepared.plan.external?.serverName ?? '';
  const cleaned = Object.entries(redacted).map(([key, request]) => [key, cleanQuestion(request, serverName)] as const);
  const asked = Object.fromEntries(cleaned);
  const state = toQuestionState(requestState, asked);
  return {
    ok: true,
    outcome: 'input_required',
    inputRequests: asked,
    ...(state === undefined ? {} : { state }),
  };
}

/**
 * Official clients refuse a result that does not match the schema as a whole, and their model would not learn that the
 * tool has run.
 */
const BROKEN_PROMISE = {
  type: 'text',
  text: 'The tool ran, but its structured result is not what its server declares (outputSchema), so only this text of it is passed on. Repeating the call would run the tool again.',
};

function toBlock(value: unknown): JsonObject {
  return { type: 'text', text: JSON.stringify(value) };
}

function parse<Schema extends z.ZodType>(schema: Schema, result: JsonObject): z.infer<Schema> {
  const parsed = schema.safeParse(result);
  if (parsed.success) return parsed.data;
  throw noMcp();
}

/** The server may have executed the request all the same. */
function noMcp(): UpstreamError {
  return new UpstreamError('external_server_failed', 'The answer of the external server is not valid MCP', {
    isSent: true,
  });
}
