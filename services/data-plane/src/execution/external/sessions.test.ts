import type { ServerResponse } from 'node:http';
import { afterAll, describe, expect, test } from '@jest/globals';
import { callExternal as call, done, externalServers, known } from '../../../test/external-call.ts';
import { type ExternalServerOfTest, serve } from '../../../test/external-servers.ts';
import { answerJson } from '../../../test/misbehaving-server.ts';
import { internalErrors } from '../../../test/run-tool.ts';

/* Tests what is sent again to a server that no longer knows a session, and what is not. */

afterAll(async () => {
  await externalServers.close();
  expect(internalErrors).toEqual([]);
});

/** Starts a legacy server. `begin` returns the id of a session, or undefined if the server has no sessions. */
function serveLegacy(
  begin: () => string | undefined,
  answer: (asked: { id: number; method: string; session: unknown }, response: ServerResponse) => void,
  capabilities: object = {},
): Promise<ExternalServerOfTest> {
  return serve((request, response, body) => {
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const { id, method } = JSON.parse(body);
    if (id === undefined) return void response.writeHead(202).end();
    if (method !== 'initialize') return answer({ id, method, session: request.headers['mcp-session-id'] }, response);
    const session = begin();
    if (session !== undefined) response.setHeader('mcp-session-id', session);
    const serverInfo = { name: 'odd', version: '1' };
    answerJson(response, done(id, { protocolVersion: '2025-11-25', capabilities, serverInfo }));
  });
}

test('a session that the server no longer knows is started again, and the call runs once', async () => {
  let session = 0;
  await using server = await serveLegacy(
    () => `session-${++session}`,
    (asked, response) => {
      if (asked.session !== `session-${session}`) return void response.writeHead(404).end();
      answerJson(response, done(asked.id));
    },
  );
  expect(await call(server)).toMatchObject({ ok: true });
  session += 1;
  expect(await call(server)).toMatchObject({ ok: true });
  const calls = server.asked.filter(({ method }) => method === 'tools/call');
  expect(calls.map(({ headers }) => headers['mcp-session-id'])).toEqual(['session-1', 'session-1', 'session-3']);
});

test('a session that the server no longer knows is started again, even if it says so before the call', async () => {
  let session = 0;
  await using server = await serveLegacy(
    () => `session-${++session}`,
    (asked, response) => {
      if (asked.session !== `session-${session}`) return void response.writeHead(404).end();
      answerJson(response, done(asked.id, asked.method === 'tools/call' ? { content: [] } : {}));
    },
    { logging: {} },
  );
  expect(await call(server)).toMatchObject({ ok: true });
  session += 1;
  // The log level is set in the old session first.
  expect(await call(server, { events: { progress: false, logLevel: 'info' } })).toMatchObject({ ok: true });
  expect(server.asked.filter(({ method }) => method === 'tools/call')).toHaveLength(2);
});

test('a session serves only calls of the caller for whom it was opened, and none when nobody is known (T31)', async () => {
  let session = 0;
  await using server = await serveLegacy(
    () => `session-${++session}`,
    ({ id }, response) => answerJson(response, done(id)),
  );
  for (const sessionOwner of ['ada', 'bob', undefined, 'ada', undefined, 'bob']) {
    const caller = { config: {}, ...(sessionOwner === undefined ? {} : { sessionOwner }) };
    expect(await call(server, { caller })).toMatchObject({ ok: true });
  }
  const calls = server.asked.filter(({ method }) => method === 'tools/call');
  expect(calls.map(({ headers }) => headers['mcp-session-id'])).toEqual([
    ...['session-1', 'session-2', 'session-3'],
    ...['session-1', 'session-4', 'session-2'],
  ]);
});

test('without a session, a connection serves everybody: the server cannot tell them apart', async () => {
  let opened = 0;
  await using server = await serveLegacy(
    () => {
      opened += 1;
      return undefined;
    },
    ({ id }, response) => answerJson(response, done(id)),
  );
  for (const caller of [{ config: {}, sessionOwner: 'ada' }, { config: {} }, { config: {}, sessionOwner: 'bob' }]) {
    expect(await call(server, { caller })).toMatchObject({ ok: true });
  }
  expect(opened).toBe(1);
});

test('a connection with an open stream serves only its caller: what comes late on the stream is for that one (T31)', async () => {
  let opened = 0;
  await using server = await serve((request, response, body) => {
    if (request.method === 'GET')
      return void response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    const { id, method } = JSON.parse(body);
    if (id === undefined) return void response.writeHead(202).end();
    if (method === 'initialize') opened += 1;
    const serverInfo = { name: 'odd', version: '1' };
    const hello = { protocolVersion: '2025-11-25', capabilities: {}, serverInfo };
    answerJson(response, done(id, method === 'initialize' ? hello : { content: [] }));
  });
  const asking = { ...known, allow: ['elicitation'] };
  const run = { abilities: ['elicitation' as const], canAskMeanwhile: true as const };
  for (const sessionOwner of ['ada', 'bob', 'ada']) {
    expect(await call(server, { ...run, caller: { config: {}, sessionOwner } }, asking)).toMatchObject({ ok: true });
  }
  expect(opened).toBe(2);
});

const refused = (id: number | null, message: string) =>
  JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32000, message } });

test.each(['Invalid session ID', refused(null, 'Bad Request: No valid session ID provided')])(
  'a session that the server no longer knows is started again, even if it uses its own words: %s',
  async (text) => {
    let session = 0;
    await using server = await serveLegacy(
      () => `session-${++session}`,
      (asked, response) => {
        if (asked.session !== `session-${session}`) return void response.writeHead(400).end(text);
        answerJson(response, done(asked.id));
      },
    );
    expect(await call(server)).toMatchObject({ ok: true });
    session += 1;
    expect(await call(server)).toMatchObject({ ok: true });
  },
);

test('a call that was refused before it was sent has not started, even if a new session fails too', async () => {
  await using server = await serveLegacy(
    () => 'session-1',
    (_asked, response) => void response.writeHead(404).end(),
    { logging: {} },
  );
  const outcome = await call(server, { events: { progress: false, logLevel: 'info' } });
  expect(outcome).toMatchObject({ outcome: 'not_started' });
  expect(server.asked.filter(({ method }) => method === 'tools/call')).toEqual([]);
});

describe('a status that says nothing about the session is an answer, so the request is not sent again:', () => {
  const modern = { transport: 'http', era: 'modern' } as const;
  const inWords = () => 'not found';
  const toTheRequest = (id: number) => refused(id, 'no such seat in this session');
  const toNobody = () => refused(null, 'Bad Request');
  const asResult = (id: number) => JSON.stringify(done(id));
  const atLength = (id: number) => refused(id, 'no such seat'.repeat(5000));
  const withoutWords = (id: number) => refused(id, '');
  const inOtherWords = () => 'Paid, but the session of the checkout has expired';
  test.each([
    ['404 of a modern server', modern, undefined, 404, inWords],
    ['400 of a modern server', modern, undefined, 400, toTheRequest],
    ['404 of one without sessions', known, undefined, 404, inWords],
    ['404 that answers the request', known, 'session-1', 404, toTheRequest],
    ['404 with a result', known, 'session-1', 404, asResult],
    ['404 that answers the request at length', known, 'session-1', 404, atLength],
    ['404 that answers the request without words', known, 'session-1', 404, withoutWords],
    ['400 without a word of the session', known, 'session-1', 400, toNobody],
    ['400 with a word of another session', known, 'session-1', 400, inOtherWords],
  ])('%s', async (_name, how, session, status, text) => {
    let isReady = how === modern;
    let effects = 0;
    await using server = await serveLegacy(
      () => session,
      ({ id }, response) => {
        if (!isReady) return answerJson(response, done(id));
        effects += 1;
        response.writeHead(status).end(text(id));
      },
    );
    // This call opens a connection and leaves it idle for the next request.
    if (!isReady) await call(server);
    isReady = true;
    const failed = { ok: false, outcome: 'done', error: { code: 'external_server_failed' } };
    expect(await call(server, {}, how)).toMatchObject(failed);
    expect(effects).toBe(1);
  });
});
