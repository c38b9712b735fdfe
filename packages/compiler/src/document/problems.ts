import type { Diagnostic } from '@toolplane/contracts';
import type { Positions } from './positions.ts';

export const DIAGNOSTICS_MAX = 500;

/** `at: 'key'` points at the key instead of its value; `offset` into a text. */
export type Place = { at?: 'key'; offset?: number };

/** A function is called only for a problem that is listed. */
export type Hint = string | (() => string);

/** Collects all that is wrong with a document, and with those that it names as its sources. */
export class Problems {
  readonly #positions: Positions;
  #diagnostics: Diagnostic[];
  #listedMax = DIAGNOSTICS_MAX;
  #source: string | undefined;

  constructor(positions: Positions, found: Diagnostic[] = []) {
    this.#positions = positions;
    this.#diagnostics = [...found];
  }

  /** For the document of a source description: its problems join this list. */
  ofSource(source: string, positions: Positions, found: Diagnostic[] = []): Problems {
    const problems = new Problems(positions);
    problems.#diagnostics = this.#diagnostics;
    problems.#source = source;
    const room = Math.max(1, DIAGNOSTICS_MAX - this.#diagnostics.length);
    this.#diagnostics.push(...found.slice(0, room).map((diagnostic) => ({ ...diagnostic, source })));
    return problems;
  }

  error(code: string, pointer: string, message: string, hint: Hint, place: Place = {}): void {
    this.#add('error', code, pointer, message, hint, place);
  }

  warn(code: string, pointer: string, message: string, hint: Hint, place: Place = {}): void {
    this.#add('warning', code, pointer, message, hint, place);
  }

  /** Errors of this document alone. */
  errors(): Diagnostic[] {
    return this.#diagnostics.filter(({ severity, source }) => severity === 'error' && source === this.#source);
  }

  /** Adds what all of several checks report; one that returns false says nothing. */
  addCommon(checks: readonly (() => boolean)[], isWanted: (diagnostic: Diagnostic) => boolean): void {
    const before = this.#diagnostics;
    let common: Diagnostic[] | undefined;
    // What the checks do not have in common must not take the place of what they have.
    this.#listedMax = DIAGNOSTICS_MAX * 10;
    for (const [index, check] of checks.entries()) {
      if (index > 1 && !common?.some(({ severity }) => severity === 'error')) break;
      this.#diagnostics = [...before];
      if (!check()) continue;
      const found = this.#diagnostics.slice(before.length).filter(isWanted);
      const lines = new Set(found.map(lineOf));
      common = common === undefined ? found : common.filter((each) => lines.has(lineOf(each)));
    }
    this.#listedMax = DIAGNOSTICS_MAX;
    this.#diagnostics = [...before, ...(common ?? [])].slice(0, DIAGNOSTICS_MAX + 1);
  }

  /** In the order of the document; those of sources come behind, one source after the other. */
  toList(): Diagnostic[] {
    const sources = [...new Set(this.#diagnostics.map(({ source }) => source))];
    const place = ({ source }: Diagnostic) => (source === undefined ? -1 : sources.indexOf(source));
    return this.#diagnostics.toSorted((a, b) => place(a) - place(b) || a.line - b.line || a.column - b.column);
  }

  #add(
    severity: Diagnostic['severity'],
    code: string,
    pointer: string,
    message: string,
    hint: Hint,
    place: Place,
  ): void {
    const count = this.#diagnostics.length;
    // A position costs a walk; past this many nobody reads on. An error must still keep the document from being used.
    if (count > this.#listedMax || (count === this.#listedMax && severity === 'warning')) return;
    const position =
      place.at === 'key' ? this.#positions.ofKey(pointer) : this.#positions.ofValue(pointer, place.offset);
    const advice = typeof hint === 'string' ? hint : hint();
    const source = this.#source === undefined ? {} : { source: this.#source };
    this.#diagnostics.push({ severity, code, message, hint: advice, ...source, pointer, ...position });
  }
}

function lineOf({ severity, code, message, pointer, line, column }: Diagnostic): string {
  return [severity, code, pointer, line, column, message].join(' ');
}
