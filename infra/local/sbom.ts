import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { writeBill } from './deployment/bill-of-materials.ts';
import { runTask } from './local-error.ts';

/**
 * `npm run sbom [-- <folder>]`: writes the bill of materials of each image, in CycloneDX format, from the lock file and
 * without the network.
 */
await runTask(async () => {
  const [folder = '.cache/sbom'] = process.argv.slice(2);
  const path = resolve(process.cwd(), folder);
  mkdirSync(path, { recursive: true });
  for (const service of ['edge', 'data-plane', 'control-plane']) {
    const file = join(path, `${service}.cdx.json`);
    await writeBill(service, file);
    process.stdout.write(`${file}\n`);
  }
});
