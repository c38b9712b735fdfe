import { spawn } from 'node:child_process';
import { once } from 'node:events';

/*
 * Two minutes of the fault campaign. Always the same schedule, so that what fails can be repeated. Fewer calls than on a
 * machine of its own, because other gates run beside it.
 */

const schedule = ['--minutes', '2', '--seed', '31', '--rate', '60'];
const npm = spawn('npm', ['run', '--silent', 'faults', '--', ...schedule], { stdio: ['ignore', 'inherit', 'inherit'] });
const [code] = await once(npm, 'close');
process.exitCode = code ?? 1;
