import { LocalError } from '../local-error.ts';
import { runProgram } from '../program.ts';

/** What an image delivers in addition to the service that it runs. */
const delivered: Record<string, readonly string[]> = { 'control-plane': ['cli', 'console'] };

/** Writes the bill of materials with pnpm itself: no other CycloneDX tool can read its lock file directly. */
export async function writeBill(service: string, file: string): Promise<void> {
  const form = ['--sbom-format', 'cyclonedx', '--sbom-spec-version', '1.6', '--sbom-type', 'application'];
  const filters = [service, ...(delivered[service] ?? [])].flatMap((name) => ['--filter', `@toolplane/${name}`]);
  const args = ['--yes', 'pnpm@12.21.0', ...filters, 'sbom', ...form, '--prod', '--out', file];
  if (!(await runProgram('npx', args, { isQuiet: true }))) throw new LocalError(`pnpm sbom of ${service} failed`);
}
