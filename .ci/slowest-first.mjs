import Sequencer from '@jest/test-sequencer';

/** Files whose size, by which Jest orders those that it has not run yet, says nothing about their time. */
const SLOW = /\/(?:console-\w+|arazzo-per-feature|roles)\.long\.test\.ts$/;

/** Starts the slowest files first: one that takes two minutes and begins last is waited for alone. */
export default class SlowestFirst extends Sequencer {
  sort(tests) {
    return super.sort(tests).sort((a, b) => SLOW.test(b.path) - SLOW.test(a.path));
  }
}
