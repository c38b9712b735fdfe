import { spawn } from 'node:child_process';
import { once } from 'node:events';

/* Runs the official conformance suite in both eras, against two edges behind a load balancer. Each scenario counts. */

const [countsFile] = process.argv.slice(2);
const replicas = ['--replicas', '2'];
const counts = countsFile === undefined ? [] : ['--counts', countsFile];
const npm = spawn('npm', ['run', '--silent', 'conformance', '--', ...replicas, ...counts], {
  stdio: ['ignore', 'inherit', 'inherit'],
});
const [code] = await once(npm, 'close');
process.exitCode = code ?? 1;
