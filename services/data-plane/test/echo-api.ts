import { startUpstream, type Upstream } from './upstream.ts';

/** Echoes what it received, in the forms that an upstream may use; a path that is a number sets the status. */
export function startEcho(): Promise<Upstream> {
  return startUpstream((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://x');
    const { authorization = '' } = request.headers;
    response.statusCode = Number(pathname.slice(1)) || 200;
    response.setHeader('content-type', 'application/json');
    response.setHeader('x-echo', encodeURIComponent(authorization));
    response.end(
      JSON.stringify({
        authorization,
        url: request.url,
        base64: Buffer.from(authorization).toString('base64'),
        hex: Buffer.from(authorization).toString('hex'),
        json: JSON.stringify({ authorization }),
        [authorization]: 'as a key',
      }),
    );
  });
}
