import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import { internalErrors } from './run-tool.ts';
import { json, startUpstream, type Upstream } from './upstream.ts';

export type ScriptedResponse = Parameters<typeof startUpstream>[0];

export type ScriptedApi = Omit<Upstream, keyof AsyncDisposable> & {
  /** The responses for each path, in order, the last one forever; other paths get `{path}` as their response. */
  answers: Record<string, ScriptedResponse[]>;
  at(path: string): string;
  /** The requested paths, in order. */
  paths(): string[];
  /** Forgets responses and requests; called after each test. */
  reset(): void;
};

/** The API that the tests of a file call. None of the tests may cause an internal error. */
export function useScriptedApi(): ScriptedApi {
  let upstream: Upstream;
  const api: ScriptedApi = {
    answers: {},
    get url() {
      return upstream.url;
    },
    get port() {
      return upstream.port;
    },
    get seen() {
      return upstream.seen;
    },
    nextRequest: () => upstream.nextRequest(),
    nextClose: () => upstream.nextClose(),
    at: (path) => `${upstream.url}${path}`,
    paths: () => upstream.seen.map(({ url }) => url),
    reset() {
      api.answers = {};
      upstream.seen.length = 0;
    },
  };
  beforeAll(async () => {
    upstream = await startUpstream((request, response) => {
      const path = request.url ?? '';
      const rest = api.answers[path] ?? [];
      const answer = (rest.length > 1 ? rest.shift() : rest[0]) ?? json({ path });
      answer(request, response);
    });
  });
  afterAll(async () => {
    await upstream[Symbol.asyncDispose]();
  });
  afterEach(() => {
    api.reset();
    expect(internalErrors).toEqual([]);
  });
  return api;
}
