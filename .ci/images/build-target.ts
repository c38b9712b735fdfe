import { ok, strictEqual } from 'node:assert';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectFolder } from '../../infra/local/services.ts';
import { isInContext } from './context.ts';
import { type BuildStage, type Instruction, readStages } from './read-stages.ts';

export type Image = {
  /** The working directory of the image. */
  folder: string;
  env: Record<string, string>;
  /** The arguments of the entry point, without the program. */
  flags: string[];
  command: string[];
};

/** Executes the instructions of a target outside Docker, with one folder per stage that stands for its file system. */
export async function buildTarget(target: string, parent: string): Promise<Image> {
  const stages = readStages();
  const root = (stage: string) => join(parent, 'stages', stage);
  const built = new Set<string>();

  async function build(stage: BuildStage): Promise<Image> {
    const base = stages.find(({ name }) => name === stage.from);
    const image: Image = base === undefined ? emptyImage(root(stage.name)) : await derive(base, stage);
    for (const instruction of stage.instructions) await apply(image, instruction, stage);
    built.add(stage.name);
    return image;
  }

  async function derive(base: BuildStage, stage: BuildStage): Promise<Image> {
    const below = await build(base);
    copy(root(base.name), root(stage.name));
    return { ...below, folder: below.folder.replace(root(base.name), root(stage.name)) };
  }

  async function apply(image: Image, { keyword, words, text }: Instruction, stage: BuildStage): Promise<void> {
    if (keyword === 'WORKDIR') {
      image.folder = join(root(stage.name), text);
      mkdirSync(image.folder, { recursive: true });
    } else if (keyword === 'ENV') {
      Object.assign(image.env, Object.fromEntries(words.map((word) => splitOnce(word))));
    } else if (keyword === 'COPY') {
      await copyInto(image, words);
    } else if (keyword === 'RUN') {
      await run(image, text);
    } else if (keyword === 'ENTRYPOINT') {
      image.flags = JSON.parse(text).slice(1);
    } else if (keyword === 'CMD') {
      image.command = JSON.parse(text);
    } else {
      ok(['ARG', 'LABEL', 'USER', 'EXPOSE'].includes(keyword), `what is ${keyword}?`);
    }
  }

  async function copyInto(image: Image, words: string[]): Promise<void> {
    const [first = '', ...rest] = words;
    const from = /^--from=(.+)$/.exec(first)?.[1];
    const [to = '', ...sources] = (from === undefined ? words : rest).toReversed();
    ok(to.startsWith('./'), 'what is copied goes below the working directory');
    for (const source of sources) {
      // The content of a folder is copied; a file is copied into the folder that the last argument names.
      const target = (path: string) => join(image.folder, to, statSync(path).isDirectory() ? '' : source);
      if (from === undefined) {
        const path = join(projectFolder, source);
        copy(path, target(path), isInContext);
      } else {
        const stage = stages.find(({ name }) => name === from);
        ok(stage !== undefined, `there is no stage ${from}`);
        if (!built.has(from)) await build(stage);
        const path = join(root(from), source);
        copy(path, target(path));
      }
    }
  }

  const stage = stages.find(({ name }) => name === target);
  ok(stage !== undefined, `there is no target ${target}`);
  return build(stage);
}

function emptyImage(folder: string): Image {
  return { folder, env: {}, flags: [], command: [] };
}

/**
 * Runs a RUN line. Packages already on this machine come from its package store; nothing else differs from the image.
 */
async function run(image: Image, line: string): Promise<void> {
  const { PATH, HOME } = process.env;
  const node = dirname(process.execPath);
  const env = { PATH: `${node}:${PATH}`, HOME, npm_config_prefer_offline: 'true', npm_config_loglevel: 'error' };
  const options = { cwd: image.folder, env: { ...env, ...image.env }, stdio: ['ignore', 'ignore', 'inherit'] as const };
  const [code] = await once(spawn('/bin/sh', ['-c', line], { ...options, stdio: [...options.stdio] }), 'exit');
  strictEqual(code, 0, `RUN ${line}`);
}

/** Copies links as they are, because some are dangling at this point. */
function copy(from: string, to: string, filter?: (path: string) => boolean): void {
  mkdirSync(dirname(to), { recursive: true });
  if (filter !== undefined || !statSync(from).isDirectory()) {
    cpSync(from, to, { recursive: true, verbatimSymlinks: true, ...(filter && { filter }) });
    return;
  }
  mkdirSync(to, { recursive: true });
  const { status, stderr } = spawnSync('cp', ['-RpP', `${from}/.`, to], { encoding: 'utf8' });
  strictEqual(status, 0, stderr);
}

function splitOnce(word: string): [string, string] {
  const at = word.indexOf('=');
  return [word.slice(0, at), word.slice(at + 1).replaceAll('"', '')];
}
