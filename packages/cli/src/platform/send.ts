import { CliError } from '../cli-error.ts';

/**
 * `fetch` that says where there is no answer. Redirects are not followed: the key would go along. Throws `CliError`; what
 * `signal` ends throws its reason.
 */
export async function ask(url: string, init: RequestInit): Promise<Response> {
  const { origin } = new URL(url);
  const response = await fetch(url, { ...init, redirect: 'manual' }).catch((error: Error) => {
    if (init.signal?.aborted) throw init.signal.reason;
    throw new CliError(`${origin} does not answer: ${reasonOf(error)}`);
  });
  if (response.status < 300 || response.status >= 400) return response;
  await response.body?.cancel();
  throw new CliError(`${origin} leads on to ${response.headers.get('location')}: log in to where the platform is`);
}

/** `{}` for an answer without content. What stands between may answer with something else than JSON. */
export async function readJson<Body extends object>(response: Response): Promise<Body> {
  const text = await response.text();
  try {
    return text === '' ? ({} as Body) : JSON.parse(text);
  } catch {
    if (!response.ok) return {} as Body;
    throw new CliError(`${new URL(response.url).origin} does not answer as Toolplane does: is the URL right?`);
  }
}

/** The message of `fetch` is always the same; what happened is its cause. */
function reasonOf(error: Error): string {
  const { code, message } = (error.cause ?? error) as NodeJS.ErrnoException;
  return message || code || error.message;
}
