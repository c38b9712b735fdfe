import { CliError } from '../cli-error.ts';
import { readAtMost } from '../documents/read-file.ts';
import { unexpected } from './parse-answer.ts';

/** Anybody on the network could read the key. Only on this machine, nobody is in between. Throws `CliError`. */
export function refuseUnencrypted(url: URL): URL {
  const isOfThisMachine = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isOfThisMachine)) return url;
  throw new CliError(`${url.origin} is not encrypted: anybody on the way there could read the key. Use https`);
}

function toUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null) throw new CliError(`"${text}" is not a URL`);
  return url;
}

/**
 * Like `fetch`, but an error says which platform does not answer. Redirects are not followed, because the key would be
 * sent along. Throws `CliError`, or the reason of an aborted `signal`.
 */
export async function ask(request: string | Request, init: RequestInit): Promise<Response> {
  const { origin } = refuseUnencrypted(toUrl(typeof request === 'string' ? request : request.url));
  const response = await fetch(request, { ...init, redirect: 'manual' }).catch((error: Error) => {
    throw toProblem(error, origin);
  });
  if (response.status < 300 || response.status >= 400) return response;
  await response.body?.cancel();
  throw new CliError(
    `${origin} redirects to ${response.headers.get('location')}: log in to the actual URL of the platform`,
  );
}

/** More than a deployment with all of its sources. */
const ANSWER_BYTES_MAX = 64 * 1024 ** 2;

/**
 * Returns `{}` for an answer without content. A proxy in between may answer with something other than JSON. Throws
 * `CliError`.
 */
export async function readJson(response: Response): Promise<object> {
  const { origin } = new URL(response.url);
  const text = await readAtMost(response.body ?? empty(), `The answer of ${origin}`, ANSWER_BYTES_MAX).catch(
    (error: Error) => {
      throw error instanceof CliError ? error : toProblem(error, origin);
    },
  );
  const value = text === '' ? {} : parseJson(text);
  if (typeof value === 'object' && value !== null) return value;
  if (!response.ok) return {};
  throw unexpected(response.url);
}

async function* empty(): AsyncGenerator<Uint8Array> {}

/** Returns undefined if the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An aborted request is not a problem: the code that aborted it knows the reason. */
function toProblem(error: Error, origin: string): Error {
  if (error.name === 'AbortError') return error;
  return new CliError(`${origin} does not answer: ${reasonOf(error)}`, { code: 'no_answer' });
}

/** The message of `fetch` is always the same. The actual reason is in its cause. */
function reasonOf(error: Error): string {
  const { code, message } = (error.cause ?? error) as NodeJS.ErrnoException;
  return message || code || error.message;
}
