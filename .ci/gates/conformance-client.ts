import { spawn } from 'node:child_process';
import { once } from 'node:events';

/* Runs the scenarios of the official conformance suite about authorization for clients. Each scenario counts. */

const [countsFile] = process.argv.slice(2);
const counts = countsFile === undefined ? [] : ['--counts', countsFile];
const npm = spawn('npm', ['run', '--silent', 'conformance', '--', '--client', ...counts], {
  stdio: ['ignore', 'inherit', 'inherit'],
});
const [code] = await once(npm, 'close');
process.exitCode = code ?? 1;
