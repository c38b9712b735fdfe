import { LocalError } from './local-error.ts';

/** The control plane's REST API as every user reaches it: with a base URL and a key. */
export type RestClient = {
  /** Returns the `data` of the response; undefined for a 404 or an empty response. Any other failure throws. */
  call<Data>(method: string, path: string, body?: unknown): Promise<Data | undefined>;
};

export function createRestClient(baseUrl: string, apiKey: string): RestClient {
  return {
    async call<Data>(method: string, path: string, body?: unknown) {
      const response = await fetch(`${baseUrl}/api/v1${path}`, {
        method,
        headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }).catch((error: Error) => {
        throw new LocalError(`${baseUrl} does not answer: ${error.message}`);
      });
      const text = await response.text();
      if (response.status === 404 || text === '') return undefined;
      if (!response.ok) throw new LocalError(`${method} ${path} answered ${response.status}: ${text}`);
      return (JSON.parse(text) as { data: Data }).data;
    },
  };
}
