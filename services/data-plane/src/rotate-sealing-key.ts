/*
 * A program for operators, which needs the settings of the data plane's secret store in its environment: it creates a
 * new key for sealing secrets. Exits with 1 if the store cannot be used or is not the data plane's, and with 2 if its
 * arguments or settings are wrong.
 */
import { parseArgs } from 'node:util';
import { toAppError } from '@toolplane/contracts';
import { readStoreSettings } from './config.ts';
import { openStore } from './secrets/open-store.ts';
import { rotateSealingKeys } from './secrets/sealing-keys.ts';

const USAGE = 'usage: rotate-sealing-key [--stolen] [--help]\n';

process.exitCode = await main();

async function main(): Promise<number> {
  const args = attempt(readArguments, USAGE);
  if (args === undefined) return 2;
  if (args.help === true) {
    process.stdout.write(USAGE);
    return 0;
  }
  const settings = attempt(readStoreSettings);
  return settings === undefined ? 2 : rotate(settings, args.stolen === true);
}

async function rotate(settings: ReturnType<typeof readStoreSettings>, isStolen: boolean): Promise<number> {
  try {
    const store = await openStore(settings, { mustExist: true });
    const { kid, kept } = await rotateSealingKeys(store, { isStolen });
    process.stdout.write(`new ${kid}\n`);
    for (const old of kept) process.stdout.write(`kept ${old.kid} until ${new Date(old.until).toISOString()}\n`);
    return 0;
  } catch (error) {
    const { code, message, cause } = toAppError(error);
    process.stderr.write(`${code}: ${message}${cause instanceof Error ? ` (${cause.message})` : ''}\n`);
    return 1;
  }
}

function readArguments() {
  return parseArgs({ options: { stolen: { type: 'boolean' }, help: { type: 'boolean' } } }).values;
}

/** Prints the error, followed by `hint`, if `read` fails. */
function attempt<Result>(read: () => Result, hint = ''): Result | undefined {
  try {
    return read();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : 'started wrongly'}\n${hint}`);
    return undefined;
  }
}
