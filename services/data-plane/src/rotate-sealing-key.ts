/*
 * An operator's program, with the settings of the data plane's secret store in its environment: makes a new key that
 * secrets are sealed for. Exits with 1 when the store cannot be used, with 2 when it is started wrongly.
 */
import { parseArgs } from 'node:util';
import { toAppError } from '@toolplane/contracts';
import { readStoreSettings } from './config.ts';
import { openStore } from './secrets/open-store.ts';
import { rotateSealingKeys } from './secrets/sealing-keys.ts';

const USAGE = 'usage: rotate-sealing-key [--stolen]\n';

try {
  const settings = readStoreSettings();
  const isStolen = readArguments();
  process.exitCode = await rotate(settings, isStolen);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : USAGE}\n`);
  process.exitCode = 2;
}

async function rotate(settings: ReturnType<typeof readStoreSettings>, isStolen: boolean): Promise<number> {
  try {
    const { kid, kept } = await rotateSealingKeys(await openStore(settings), { isStolen });
    process.stdout.write(`new ${kid}\n`);
    for (const old of kept) process.stdout.write(`kept ${old.kid} until ${new Date(old.until).toISOString()}\n`);
    return 0;
  } catch (error) {
    const { code, message, cause } = toAppError(error);
    process.stderr.write(`${code}: ${message}${cause instanceof Error ? ` (${cause.message})` : ''}\n`);
    return 1;
  }
}

function readArguments(): boolean {
  const { values } = parseArgs({ options: { stolen: { type: 'boolean' } } });
  return values.stolen === true;
}
