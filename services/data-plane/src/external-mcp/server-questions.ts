import { type Client, ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/client';
import { type Ability, AppError, type InputRequest, type JsonObject } from '@toolplane/contracts';

/**
 * Returns the result for a question of a legacy server. The signal fires if the server withdraws the question or the
 * call ends.
 */
export type AnswerQuestion = (request: InputRequest, withdrawn: AbortSignal) => Promise<JsonObject>;

/**
 * Lets a client answer the questions for which it has declared a capability. Errors are reported to the server in our
 * own words.
 */
export function answerQuestions(client: Client, abilities: readonly Ability[], answer: AnswerQuestion): void {
  const answerMethod =
    (method: InputRequest['method']) =>
    async (request: { params?: object | undefined }, { mcpReq: { signal } }: { mcpReq: { signal: AbortSignal } }) => {
      try {
        return (await answer({ method, params: (request.params ?? {}) as JsonObject }, signal)) as never;
      } catch (thrown) {
        // MCP has a result for this case, and an error only for sampling.
        if (method === 'elicitation/create' && isDeclined(thrown)) return { action: 'cancel' } as never;
        throw toProtocolError(thrown);
      }
    };
  if (abilities.includes('elicitation') || abilities.includes('elicitation.url')) {
    client.setRequestHandler('elicitation/create', answerMethod('elicitation/create'));
  }
  if (abilities.includes('sampling')) {
    client.setRequestHandler('sampling/createMessage', answerMethod('sampling/createMessage'));
  }
  if (abilities.includes('roots')) client.setRequestHandler('roots/list', answerMethod('roots/list'));
}

export function noCaller(): AppError {
  return new AppError('input_declined', 'There is nobody to ask');
}

/** In MCP, -1 is the error for a sampling request that a person declines. */
const DECLINED = -1;

function isDeclined(thrown: unknown): boolean {
  if (!(thrown instanceof AppError)) return true;
  return thrown.code === 'input_declined' || thrown.code === 'invalid_input_response';
}

function toProtocolError(thrown: unknown): ProtocolError {
  if (!(thrown instanceof AppError) || isDeclined(thrown))
    return new ProtocolError(DECLINED, 'The request for input was declined');
  return new ProtocolError(ProtocolErrorCode.InvalidParams, thrown.message);
}
