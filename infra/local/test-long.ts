import { generateDatabaseClient } from './generate.ts';
import { LocalError, runTask } from './local-error.ts';
import { runTests } from './run-tests.ts';

/** `npm run test:long [-- jest arguments]`: runs the tests that `npm test` leaves out. */
await runTask(async () => {
  await generateDatabaseClient();
  if (!(await runTests(['long'], process.argv.slice(2)))) throw new LocalError('long tests failed');
});
