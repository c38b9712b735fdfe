import {
  AppError,
  type InputRequest,
  inputRequestSchema,
  type Json,
  type JsonObject,
  questionLimits,
} from '@toolplane/contracts';
import { z } from 'zod';
import { cleanAnswer } from '../../external-mcp/clean-answer.ts';

/*
 * Between a question of a modern server and its answer, no process remembers the call. The state of the call holds the
 * questions, so that the server receives only answers to its questions, and only answers that its form allows.
 */

/** A state without this prefix comes unchanged from the server. */
const PREFIX = 'asked:';

const questionStateSchema = z.strictObject({
  requestState: z.string().optional(),
  asked: z.record(z.string(), inputRequestSchema).optional(),
});
type QuestionState = { requestState?: string | undefined; asked?: Record<string, InputRequest> | undefined };

/** Questions that are too large to be carried along are left out, and their answers are not checked. */
export function toQuestionState(requestState: string | undefined, inputRequests: Record<string, InputRequest>) {
  const asked = Object.fromEntries(Object.entries(inputRequests).map(([key, request]) => [key, toForm(request)]));
  const text = JSON.stringify(asked);
  const isChecked = text !== '{}' && Buffer.byteLength(text) <= questionLimits.bytesMax;
  // A state of the server itself that looks like ours is wrapped in ours, so that the two cannot be confused.
  if (!isChecked && !requestState?.startsWith(PREFIX)) return requestState;
  return `${PREFIX}${JSON.stringify({ requestState, ...(isChecked ? { asked } : {}) })}`;
}

/** Returns only the part of a question against which its answer is checked. */
function toForm({ method, params: { mode, requestedSchema } }: InputRequest): InputRequest {
  const isForm = method === 'elicitation/create' && mode !== 'url' && requestedSchema !== undefined;
  return { method, params: isForm ? { requestedSchema } : {} };
}

export function readQuestionState(state: string | undefined): QuestionState {
  if (!state?.startsWith(PREFIX)) return { requestState: state };
  return questionStateSchema.parse(JSON.parse(state.slice(PREFIX.length)));
}

/** Throws `invalid_input_response` before anything is sent. */
export function cleanAnswers(asked: Record<string, InputRequest>, responses: Record<string, Json>): JsonObject {
  const cleaned: JsonObject = {};
  for (const [key, question] of Object.entries(asked)) {
    const response = responses[key];
    if (response === undefined) continue;
    try {
      cleaned[key] = cleanAnswer(question, response);
    } catch (thrown) {
      if (thrown instanceof AppError) throw new AppError(thrown.code, `${key}: ${thrown.message}`);
      throw thrown;
    }
  }
  return cleaned;
}
