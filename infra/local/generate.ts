import { statSync } from 'node:fs';
import { join } from 'node:path';
import { LocalError } from './local-error.ts';
import { runProgram } from './program.ts';
import { projectFolder } from './services.ts';

/**
 * Generates the database client, which is not in Git, from the schema if the client is missing or older than the
 * schema.
 */
export async function generateDatabaseClient(): Promise<void> {
  const controlPlane = join(projectFolder, 'services', 'control-plane');
  const schema = modifiedAt(join(controlPlane, 'prisma', 'schema.prisma'));
  if (modifiedAt(join(controlPlane, 'src', 'generated', 'client.ts')) >= schema) return;
  const passed = await runProgram(process.execPath, ['--run', 'generate'], { cwd: controlPlane, isQuiet: true });
  if (!passed) throw new LocalError('the database client could not be generated');
}

function modifiedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
