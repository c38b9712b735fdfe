/* `npm run faults`: checks what the platform promises about a tool call while everything that it needs is disturbed. */
import { runCampaign } from './campaign.ts';
import { check } from './check.ts';
import { chooseFaults } from './faults.ts';
import { readOptions, toCommand } from './options.ts';
import { printReport, writeReference } from './report.ts';
import { createStage } from './stage.ts';

const options = readOptions(process.argv.slice(2));
if (options.isList) {
  for (const { name } of chooseFaults({ ...options, minutes: Number.POSITIVE_INFINITY })) console.log(name);
} else {
  await run();
}

async function run(): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!stop.signal.aborted) console.log(`${signal}: the campaign ends`);
      stop.abort();
    });
  }
  const startedAt = performance.now();
  const say = (line: string) =>
    console.log(`${((performance.now() - startedAt) / 1000).toFixed(0).padStart(5)} s  ${line}`);
  console.log(`${toCommand(options)}`);
  await using stage = await createStage(options.rate);
  killAtExit(() => [...stage.actors.map(({ pid }) => pid()), stage.recorder.pid]);
  say(`the platform is ready${stage.clockProblem === undefined ? '' : `; no clock is set: ${stage.clockProblem}`}`);
  const campaign = await runCampaign(stage, options, { say, signal: stop.signal });
  const violations = check(campaign);
  printReport(campaign, violations, options);
  if (options.isWritten) writeReference(campaign, violations, options);
  if (violations.length > 0) process.exitCode = 1;
}

/** If this process ends without disposing of the stage, kills everything that it started. */
function killAtExit(listPids: () => number[]): void {
  process.once('exit', () => {
    for (const pid of listPids()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // The process has already ended.
      }
    }
  });
}
