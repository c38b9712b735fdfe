import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalError, runTask } from './local-error.ts';
import { runProgram } from './program.ts';
import { projectFolder, SOURCE_FLAGS } from './services.ts';
import { startThrowawayServers } from './throwaway-servers.ts';

const benchFolder = join(projectFolder, 'packages', 'e2e', 'bench');

/** `npm run bench -- [name] [arguments]`: runs one benchmark, or all of them; `--list` names them. */
await runTask(async () => {
  const [name, ...args] = process.argv.slice(2);
  const benches = findBenches();
  if (name === '--list') return list(benches);
  if (name !== undefined && !benches.has(name)) {
    throw new LocalError(`there is no bench "${name}"; available: ${[...benches.keys()].join(', ')}`);
  }
  const servers = await startThrowawayServers();
  try {
    const env = { ...process.env, ...servers.env };
    for (const bench of name === undefined ? benches.keys() : [name]) {
      const script = join(benchFolder, `${bench}.ts`);
      if (!(await runProgram(process.execPath, [...SOURCE_FLAGS, script, ...args], { env }))) process.exitCode = 1;
    }
  } finally {
    await servers.stop();
  }
});

/**
 * A benchmark file begins with a comment that names the goal it measures, `P3: what …`, or with `Capacity`; the other
 * files in the folder are parts of benchmarks.
 */
function findBenches(): Map<string, string> {
  const files = readdirSync(benchFolder).filter((file) => file.endsWith('.ts'));
  return new Map(
    files.flatMap((file) => {
      const goal = /^\/\*[*\s]*((?:P\d|Capacity)[^.]*)/.exec(readFileSync(join(benchFolder, file), 'utf8'))?.[1];
      return goal === undefined ? [] : [[file.replace('.ts', ''), goal.replaceAll(/\s*\n[\s*]*/g, ' ')] as const];
    }),
  );
}

function list(benches: Map<string, string>): void {
  for (const [name, goal] of benches) process.stdout.write(`${name.padEnd(12)} ${goal}\n`);
}
