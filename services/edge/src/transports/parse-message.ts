import { AppError, isDeeperThan, replaceInexactNumbers } from '@toolplane/contracts';
import secureJson from 'secure-json-parse';
import { idOf } from '../protocol/request-id.ts';

const DEPTH_MAX = 64;

/**
 * Parses a JSON text, and refuses anything that would not arrive as it was sent: keys that reach prototypes, nesting
 * beyond 64 levels, and numbers that would be rounded. No error message quotes the text.
 */
export function parseMessage(text: string): unknown {
  const value = parseSafely(text);
  if (isDeeperThan(value, DEPTH_MAX)) throw invalid(value, `nested deeper than ${DEPTH_MAX} levels`);
  return replaceInexactNumbers(text, value, () => {
    throw invalid(value, 'a number in it cannot be represented exactly; send it as a string');
  });
}

export class MessageError extends AppError {
  /**
   * The JSON-RPC code: −32700 for text that is not JSON, −32600 for JSON that is refused, −32602 for its parameters.
   */
  readonly rpcCode: -32700 | -32600 | -32602;
  /** The id of the refused request; null if it is not known. */
  readonly id: string | number | null;

  constructor(rpcCode: MessageError['rpcCode'], message: string, id: MessageError['id'] = null) {
    super('invalid_request', message);
    this.rpcCode = rpcCode;
    this.id = id;
  }
}

function parseSafely(text: string): unknown {
  try {
    return secureJson.parse(text, undefined, { protoAction: 'error', constructorAction: 'error' });
  } catch {
    // Only a refused request bears the cost of distinguishing the two reasons.
    const refused = parseOrUndefined(text);
    if (refused === undefined) throw new MessageError(-32700, 'Parse error: the body is not valid JSON');
    throw invalid(refused, 'it has a key that is not allowed (__proto__ or constructor.prototype)');
  }
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function invalid(message: unknown, reason: string): MessageError {
  return new MessageError(-32600, `Invalid request: ${reason}`, idOf(message));
}
