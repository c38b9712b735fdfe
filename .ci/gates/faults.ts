import { spawn } from 'node:child_process';
import { once } from 'node:events';

/*
 * Runs two minutes of the fault campaign, always with the same schedule, so that a failure can be repeated. It makes
 * fewer calls than on an otherwise idle machine, because other gates run beside it.
 */

const schedule = ['--minutes', '2', '--seed', '31', '--rate', '60'];
const npm = spawn('npm', ['run', '--silent', 'faults', '--', ...schedule], { stdio: ['ignore', 'inherit', 'inherit'] });
const [code] = await once(npm, 'close');
process.exitCode = code ?? 1;
