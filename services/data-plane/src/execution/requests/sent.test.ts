import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { PlanRequest } from '@toolplane/contracts';
import { openClient } from '../../../test/open-client.ts';
import { build, buildBody, parameterOf } from '../../../test/request.ts';
import { json, type SeenRequest, startUpstream, type Upstream } from '../../../test/upstream.ts';
import type { BuiltRequest } from './build-request.ts';

const client = openClient();
let api: Upstream;
beforeAll(async () => {
  api = await startUpstream(json({}));
});
afterAll(async () => {
  client.close();
  await api[Symbol.asyncDispose]();
});
beforeEach(() => {
  api.seen.length = 0;
});

async function send(
  { url, headers, body }: BuiltRequest,
  method: PlanRequest['method'] = 'POST',
): Promise<SeenRequest | undefined> {
  const { signal } = new AbortController();
  await client.send({
    workspaceId: 'ws',
    url,
    headers,
    method,
    timeoutMs: 5000,
    signal,
    ...(body === undefined ? {} : { body }),
  });
  return api.seen[0];
}

describe('what is built is what an upstream gets', () => {
  test('parameters', async () => {
    const parameters = [
      parameterOf('path', 'a', ["it's", '(x)'], { style: 'label', explode: true }),
      parameterOf('path', 'b', { R: 1, 'G;': '/' }, { style: 'matrix', explode: true }),
      parameterOf('path', 'c', "a:b@c!$&'()*+,;=", { allowReserved: true }),
      parameterOf('query', 'q', [1, '|'], { style: 'pipeDelimited', explode: false }),
      parameterOf('query', 'd', { "it's": '[x]' }, { style: 'deepObject' }),
      parameterOf('query', 'e', "a/b?c:d@e!$'()*,;=[x]", { allowReserved: true }),
      parameterOf('header', 'X-Object', { a: 'b c' }, { explode: true }),
      parameterOf('cookie', 'k', 'ü;'),
      parameterOf('cookie', 'l', [1, 2]),
    ];
    const url = {
      kind: 'operation' as const,
      parts: [`${api.url}/`, ...['a', 'b', 'c'].flatMap((it) => [{ parameter: it }, '/'])],
    };
    expect(await send(build({ parameters, url }), 'GET')).toMatchObject({
      method: 'GET',
      url:
        "/.it%27s.%28x%29/;R=1;G%3B=%2F/a:b@c!$&'()*+,;=/" +
        '?q=1%7C%7C&d%5Bit%27s%5D=%5Bx%5D&e=a/b?c:d@e!$%27()*,;=[x]',
      headers: { 'x-object': 'a=b c', cookie: 'k=%C3%BC%3B; l=1; l=2' },
    });
  });

  const bytes = Buffer.from([0, 13, 10, 255]);
  const url = () => ({ kind: 'operation' as const, parts: [`${api.url}/`] });

  test('files', async () => {
    const file = { data: bytes.toString('base64'), filename: 'a.bin', contentType: 'image/png' };
    const seen = await send(buildBody({ file, name: 'x' }, { bodyType: 'multipart', url: url() }));
    const headers = { 'content-type': seen?.headers['content-type'] ?? '' };
    const form = await new Response(new Uint8Array(seen?.bytes ?? []), { headers }).formData();
    expect(Buffer.from(await (form.get('file') as File).arrayBuffer())).toEqual(bytes);
    expect(form.get('name')).toBe('x');
  });

  test('bytes', async () => {
    const seen = await send(buildBody(bytes.toString('base64'), { bodyType: 'base64', url: url() }));
    expect(seen).toMatchObject({
      bytes,
      headers: { 'content-type': 'application/octet-stream', 'content-length': '4' },
    });
  });

  test('nothing, if a header would contain a line break', async () => {
    const parameters = [parameterOf('header', 'X-A', 'x\r\nX-B: 1')];
    await expect(send(build({ parameters, url: url() }))).rejects.toMatchObject({ code: 'invalid_upstream_request' });
    expect(api.seen).toEqual([]);
  });
});
