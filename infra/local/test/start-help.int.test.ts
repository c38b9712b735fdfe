import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { projectFolder, SOURCE_FLAGS } from '../services.ts';

test('npm start -- --help says what there is to choose, and starts nothing', () => {
  const help = execFileSync(process.execPath, [...SOURCE_FLAGS, 'infra/local/start.ts', '--help'], {
    cwd: projectFolder,
  });
  for (const name of ['--json', 'TOOLPLANE_HOME', 'PORT_BASE']) expect(String(help)).toContain(`  ${name}`);
});
