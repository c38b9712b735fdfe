import { spawn } from 'node:child_process';
import { once } from 'node:events';

/* The tests that take long by what they are about. Each counts. */

const [countsFile] = process.argv.slice(2);
const counts = countsFile === undefined ? [] : ['--', '--counts', countsFile];
const npm = spawn('npm', ['run', '--silent', 'test:long', ...counts], { stdio: ['ignore', 'inherit', 'inherit'] });
const [code] = await once(npm, 'close');
process.exitCode = code ?? 1;
