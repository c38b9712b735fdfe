import { readFileSync } from 'node:fs';
import fc from 'fast-check';

/*
 * What all fuzz tests of untrusted text share: how long they run, from which seed, and what a reader promises.
 * `TOOLPLANE_FUZZ_SECONDS` sets how long each property runs. A failure prints its seed, and `TOOLPLANE_FUZZ_SEED` runs
 * it again.
 */

const seconds = Number(process.env['TOOLPLANE_FUZZ_SECONDS'] ?? 0);
const seed = process.env['TOOLPLANE_FUZZ_SEED'];

/**
 * The fast-check options of one property. Unless a time is set, all properties share the few seconds that a test file
 * may take.
 */
export const fuzzing = {
  numRuns: seconds > 0 ? Number.MAX_SAFE_INTEGER : 200,
  interruptAfterTimeLimit: seconds > 0 ? seconds * 1000 : 400,
  ...(seed === undefined ? {} : { seed: Number(seed) }),
};

/** The timeout of a test with one property, on a machine that is also busy with other work. */
export const fuzzTimeoutMs = 30_000 + seconds * 1000;

const WORK_MS_MAX = 4000;

/**
 * Generates any text; pieces of a language in any order; a valid text with a part cut out and another inserted; and one
 * piece repeated so often that it exposes readers that use recursion or backtracking.
 */
export function hostileText(pieces: readonly string[], valid: readonly string[] = pieces): fc.Arbitrary<string> {
  const piece = fc.constantFrom(...pieces);
  const put = fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 5 }));
  const changed = fc.record({ text: fc.constantFrom(...valid), at: fc.nat(), cut: fc.nat({ max: 20 }), put });
  const repeated = fc.record({ piece, times: fc.constantFrom(10, 300, 5000), end: put });
  return fc.oneof(
    { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
    { weight: 6, arbitrary: fc.array(put, { maxLength: 30 }).map((all) => all.join('')) },
    { weight: 6, arbitrary: changed.map(change) },
    { weight: 1, arbitrary: repeated.map(({ piece, times, end }) => piece.repeat(times) + end) },
  );
}

/**
 * Inputs that every run tries and that random inputs start from: known attacks, and for each branch of the parser that
 * was ever reached the shortest text that reaches it. A failure that a longer run finds is added to this file.
 */
export function readFuzzCorpus(file: URL): string[] {
  return JSON.parse(readFileSync(file, 'utf8')) as string[];
}

function change({ text, at, cut, put }: { text: string; at: number; cut: number; put: string }): string {
  const start = at % (text.length + 1);
  return text.slice(0, start) + put + text.slice(start + cut);
}

/**
 * Returns the result of the work, or undefined if it refuses in its own way. Fails if the work throws anything else,
 * takes too long, or adds a property to every object.
 */
export function survive<Result>(work: () => Result, isRefusal: (thrown: unknown) => boolean): Result | undefined {
  // The wall clock would not do, because it continues while a busy machine runs something else.
  const before = process.threadCpuUsage();
  const outcome = attempt(work);
  const { user, system } = process.threadCpuUsage(before);
  checkPrototype();
  if ((user + system) / 1000 > WORK_MS_MAX) throw new Error(`it took ${(user + system) / 1000} ms`);
  if ('thrown' in outcome && !isRefusal(outcome.thrown)) throw outcome.thrown;
  return 'result' in outcome ? outcome.result : undefined;
}

/**
 * Whether a service refuses its settings as it should: with an error for operators that quotes none of their values.
 */
export function isConfigError(thrown: unknown, environment: Record<string, string>): boolean {
  const { name, message } = thrown as Error;
  const isQuoted = Object.values(environment).some((value) => value.length > 10 && message.includes(value));
  return name === 'ConfigError' && !isQuoted;
}

function attempt<Result>(work: () => Result): { result: Result } | { thrown: unknown } {
  try {
    return { result: work() };
  } catch (thrown) {
    return { thrown };
  }
}

const inherited = allKeys({});

/** Checks that `{}` has the properties that it had, and none named `polluted`. */
export function checkPrototype(): void {
  const added = [...allKeys({})].filter((key) => !inherited.has(key));
  if (added.length > 0) throw new Error(`every object has: ${added.join(', ')}`);
}

function allKeys(object: object): Set<string> {
  return new Set(Object.getOwnPropertyNames(Object.getPrototypeOf(object)));
}
