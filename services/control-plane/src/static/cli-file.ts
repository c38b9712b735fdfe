import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Api } from '@toolplane/service-kit/http';
import type { Principal } from '../platform/principals/principal.ts';

/** The built command line tool, in the form in which it is served. */
export type CliFile = { bytes: Buffer; gzipped: Buffer; etag: string };

const CLI_PATH = '/cli/toolplane.mjs';

/** Throws if the command line tool was not built. */
export function readCli(path: string): CliFile {
  const bytes = readFileSync(path);
  const etag = `"${createHash('sha256').update(bytes).digest('base64url')}"`;
  return { bytes, gzipped: gzipSync(bytes), etag };
}

/**
 * Serves the command line tool, which has the same version as the platform. Anybody may download it: it contains
 * nothing that is not public.
 */
export function addCliFile(api: Api<Principal>, { bytes, gzipped, etag }: CliFile): void {
  api.app.get(CLI_PATH, (req, res) => {
    // Clients revalidate the file each time, so that nobody keeps an earlier version.
    res.set({ 'cache-control': 'no-cache', vary: 'accept-encoding', etag });
    if (req.fresh) {
      res.status(304).end();
      return;
    }
    const takesGzip = req.acceptsEncodings('gzip') !== false;
    res.set('content-type', 'text/javascript; charset=utf-8');
    res.set('content-disposition', 'attachment; filename="toolplane.mjs"');
    if (takesGzip) res.set('content-encoding', 'gzip');
    res.end(takesGzip ? gzipped : bytes);
  });
}
