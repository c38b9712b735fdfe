import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { unpackDebianProgram } from '@toolplane/local/debian-package';
import { projectFolder } from '@toolplane/local/services';

/** The wall clock of one process, which can be set while the process runs. Its monotonic clock is not affected. */
export type ProcessClock = { env: Record<string, string>; set(offsetSeconds: number): void };

export type Clocks = {
  create(name: string): ProcessClock;
  /** Removes the files that libfaketime leaves behind for a killed process. */
  forget(pid: number): void;
};

/** How long a process may use the offset that it last read from the file. */
export const CLOCK_MS_MAX = 1_000;

/** Prepares clocks with Debian's libfaketime. Rejects if it is unavailable; then no clock is set. */
export async function findClocks(folder: string): Promise<Clocks> {
  const debian = { name: 'faketime', packages: ['faketime', 'libfaketime'], needsLibraries: false };
  const program = await unpackDebianProgram(join(projectFolder, '.cache'), debian);
  if (program === undefined) throw new Error('there is no apt-get');
  const library = findLibrary(dirname(program));
  if (library === undefined) throw new Error(`no libfaketime beside ${program}`);
  return {
    create(name) {
      const file = join(folder, `clock-of-${name.replaceAll(' ', '-')}`);
      writeFileSync(file, '+0');
      const env = {
        // The C library is preloaded second, so that Redis allocates with it: jemalloc reads the time before
        // libfaketime is ready.
        LD_PRELOAD: name === 'Redis' ? `${library} libc.so.6` : library,
        FAKETIME_TIMESTAMP_FILE: file,
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
        FAKETIME_CACHE_DURATION: String(CLOCK_MS_MAX / 1000),
      };
      return { env, set: (offsetSeconds) => writeFileSync(file, `${offsetSeconds < 0 ? '' : '+'}${offsetSeconds}`) };
    },
    forget(pid) {
      for (const path of [`/dev/shm/faketime_shm_${pid}`, `/dev/shm/sem.faketime_sem_${pid}`]) {
        if (existsSync(path)) rmSync(path);
      }
    },
  };
}

function findLibrary(folder: string): string | undefined {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const file = files.find((each) => each.endsWith('/faketime/libfaketime.so.1'));
  return file === undefined ? undefined : join(folder, file);
}
