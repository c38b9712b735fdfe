import { json, startUpstream, type Upstream } from './upstream.ts';

export type Answer = Parameters<typeof startUpstream>[0];

export type ScriptedApi = Upstream & {
  /** Per path, one answer after the other, and then always the last; any other path is answered with `{path}`. */
  answers: Record<string, Answer[]>;
  at(path: string): string;
  /** The requests, in order. */
  paths(): string[];
  /** For the next test. */
  reset(): void;
};

export async function startScriptedApi(): Promise<ScriptedApi> {
  const upstream = await startUpstream((request, response) => {
    const path = request.url ?? '';
    const rest = api.answers[path] ?? [];
    const answer = (rest.length > 1 ? rest.shift() : rest[0]) ?? json({ path });
    answer(request, response);
  });
  const api: ScriptedApi = Object.assign(upstream, {
    answers: {},
    at: (path: string) => `${upstream.url}${path}`,
    paths: () => upstream.seen.map(({ url }) => url),
    reset() {
      api.answers = {};
      upstream.seen.length = 0;
    },
  });
  return api;
}
