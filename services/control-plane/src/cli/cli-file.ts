import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Api } from '@toolplane/service-kit/http';
import type { Principal } from '../access/principal.ts';

/** The command line tool as it was built, as it is sent. */
export type CliFile = { bytes: Buffer; gzipped: Buffer; etag: string };

const CLI_PATH = '/cli/toolplane.mjs';

/** Throws when it was not built. */
export function readCli(path: string): CliFile {
  const bytes = readFileSync(path);
  const etag = `"${createHash('sha256').update(bytes).digest('base64url')}"`;
  return { bytes, gzipped: gzipSync(bytes), etag };
}

/** Of the same version as the platform, for anybody: it holds nothing that is not public. */
export function addCliFile(api: Api<Principal>, { bytes, gzipped, etag }: CliFile): void {
  api.app.get(CLI_PATH, (req, res) => {
    // Asked for anew each time, so that nobody keeps the one of an earlier version.
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
