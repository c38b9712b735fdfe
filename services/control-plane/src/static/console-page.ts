import { AppError } from '@toolplane/contracts';
import type { Api } from '@toolplane/service-kit/http';
import { PAGE_HEADERS } from '../platform/pages/page.ts';
import type { Principal } from '../platform/principals/principal.ts';
import { type ConsoleFiles, toConsolePage } from './console-files.ts';

export const CONSOLE_PATH = '/console/';

/** File names contain a digest of the content, so changed content gets another name. */
const FOR_EVER = 'public, max-age=31536000, immutable';

/**
 * The web console: one page for all paths, which shows the answers of the REST API for the session of its viewer. The
 * page itself contains no data, so it needs no session.
 */
export function addConsolePage(api: Api<Principal>, { page, files }: ConsoleFiles, edgePublicUrl: string): void {
  // The console calls tools directly at the edge.
  const { origin: edge } = new URL(edgePublicUrl);
  api.app.get('/', (_req, res) => res.redirect(303, CONSOLE_PATH));
  api.app.get('/console/assets/*path', (req, res) => {
    const { path } = req.params as unknown as { path: string[] };
    const file = files.get(`assets/${path.join('/')}`);
    if (file === undefined) throw new AppError('not_found', 'No such path');
    const takesGzip = req.acceptsEncodings('gzip') !== false;
    res.set({ 'content-type': file.type, 'cache-control': FOR_EVER, vary: 'accept-encoding' });
    if (takesGzip) res.set('content-encoding', 'gzip');
    res.end(takesGzip ? file.gzipped : file.bytes);
  });
  api.app.get('/console{/*path}', (_req, res) => {
    const { html, nonce } = toConsolePage(page);
    const more = `style-src 'self' 'nonce-${nonce}'; connect-src 'self' ${edge}`;
    const policy = `${PAGE_HEADERS['content-security-policy']}; ${more}`;
    res.writeHead(200, { ...PAGE_HEADERS, 'content-security-policy': policy }).end(html);
  });
}
