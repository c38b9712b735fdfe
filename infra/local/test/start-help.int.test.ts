import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { projectFolder } from '../services.ts';

test('npm start -- --help says what there is to choose, and starts nothing', () => {
  const flags = ['--conditions=toolplane-source', '--disable-warning=ExperimentalWarning'];
  const help = execFileSync(process.execPath, [...flags, 'infra/local/start.ts', '--help'], { cwd: projectFolder });
  for (const name of ['--json', 'TOOLPLANE_HOME', 'PORT_BASE']) expect(String(help)).toContain(`  ${name}`);
});
