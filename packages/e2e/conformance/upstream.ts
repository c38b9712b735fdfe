import type { ServerResponse } from 'node:http';
import { type SeenRequest, startUpstream, type Upstream } from '../src/upstream.ts';

/** The lists whose change the suite requests. */
export type FixtureList = 'tools' | 'prompts';

/** Starts the API behind the fixture: it waits, fails, or has the fixture deployed again. */
export function startFixtureUpstream(redeploy: (changed: FixtureList) => Promise<void>): Promise<Upstream> {
  return startUpstream((request, response) => {
    const { pathname, searchParams } = new URL(request.path, 'http://upstream.invalid');
    const ms = Number(searchParams.get('ms') ?? 0);
    if (pathname === '/wait') return answerAfter(ms, 200, request, response);
    if (pathname === '/failure') return answerAfter(ms, 500, request, response);
    const [, changed] = /^\/toggle-(tools|prompts)$/.exec(pathname) ?? [];
    if (changed === undefined) return answer(404, response);
    redeploy(changed as FixtureList).then(
      () => answer(200, response),
      () => answer(500, response),
    );
  });
}

function answerAfter(ms: number, status: number, { aborted }: SeenRequest, response: ServerResponse): void {
  const timer = setTimeout(() => answer(status, response), ms);
  void aborted.then(() => clearTimeout(timer));
}

function answer(status: number, response: ServerResponse): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
}
