import { ok } from 'node:assert';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unpackDebianProgram } from '../../infra/local/debian-package.ts';
import { findOnPath } from '../../infra/local/on-path.ts';

/*
 * Runs the blocks of README.md as they stand, from "Start" to the killed worker, in bash and in zsh without a
 * configuration, with an empty home folder.
 */

const project = join(import.meta.dirname, '..', '..');
const home = join(project, '.toolplane');
const document = join(project, 'clock.flower.yaml');

/** Commands that need a program or a registry that this gate does not have. */
const ELSEWHERE = /^(npx|claude) /m;

if (existsSync(home) && process.env['CI'] === undefined) {
  console.log(`README: not tried, because ${home} has data of local mode; run this in a fresh clone`);
  process.exit();
}
const blocks = readBlocks();
const zsh = findOnPath('zsh') ?? (await unpackDebianProgram(join(project, '.cache'), zshPackage()));
for (const [name, shell] of [
  ['bash', ['bash', '--norc', '-e']],
  ['zsh', [zsh, '-f', '-e']],
] as const) {
  const [program, ...flags] = shell;
  if (program === undefined) {
    console.log(`README: ${name} cannot be had here`);
    continue;
  }
  await tryBlocks(name, program, flags);
}

function zshPackage() {
  return { name: 'zsh', packages: ['zsh', 'zsh-common'], needsLibraries: true };
}

/** The blocks for a shell after the one that starts the platform, and the document that a reader is told to write. */
function readBlocks(): { script: string; flower: string } {
  const text = readFileSync(join(project, 'README.md'), 'utf8');
  const part = text.slice(text.indexOf('\n## Start\n'), text.indexOf('\n## Access control\n'));
  const fences = [...part.matchAll(/^```(sh|yaml)\n([\s\S]*?)^```$/gm)].map(([, language, code = '']) => ({
    language,
    code,
  }));
  const [start, ...commands] = fences.filter(({ language }) => language === 'sh');
  const flower = fences.find(({ language }) => language === 'yaml')?.code;
  ok(start?.code === 'npm start\n' && flower !== undefined && commands.length > 4, 'README has the expected blocks');
  return {
    script: commands
      .filter(({ code }) => !ELSEWHERE.test(code))
      .map(({ code }) => code)
      .join('\n'),
    flower,
  };
}

async function tryBlocks(name: string, program: string, flags: readonly string[]): Promise<void> {
  const emptyHome = mkdtempSync(join(tmpdir(), 'toolplane-readme-'));
  const env = { ...process.env, HOME: emptyHome, TOOLPLANE_HOME: '', PORT_BASE: '' };
  const npm = spawn('npm', ['start'], { cwd: project, env, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const closed = once(npm, 'close').then(() => false);
    const isReady = once(npm.stdout, 'data').then(([greeting]) => String(greeting).includes('Toolplane is ready.'));
    ok(await Promise.race([isReady, closed]), 'npm start greets');
    writeFileSync(document, blocks.flower);
    const output = execFileSync(program, [...flags, '-c', blocks.script], { cwd: project, env, encoding: 'utf8' });
    ok(output.includes('23:55'), `the first tool answers in ${name}:\n${output}`);
    ok(/"total":1\b/.test(output), `the berth is booked once in ${name}:\n${output}`);
    console.log(`README: all blocks work in ${name}`);
  } finally {
    npm.kill('SIGTERM');
    if (npm.exitCode === null) await once(npm, 'close');
    for (const left of [home, document, emptyHome]) rmSync(left, { recursive: true, force: true });
  }
}
