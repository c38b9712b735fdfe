import type { Diagnostic } from '@toolplane/contracts';
import type { Positions } from './positions.ts';

export const DIAGNOSTICS_MAX = 500;

/** `at: 'key'` points at the key instead of its value; `offset` into a text. */
export type Place = { at?: 'key'; offset?: number };

/** A function is called only for a problem that is listed. */
export type Hint = string | (() => string);

/**
 * Collects all that is wrong with a document, and with those that it names as its sources. What several checks find in
 * the same place is listed once.
 */
export class Problems {
  readonly #positions: Positions;
  #diagnostics: Map<string, Diagnostic>;
  #listedMax = DIAGNOSTICS_MAX;
  #source: string | undefined;

  constructor(positions: Positions, found: Diagnostic[] = []) {
    this.#positions = positions;
    this.#diagnostics = new Map();
    this.#addFound(found);
  }

  /** For the document of a source description: its problems join this list. */
  ofSource(source: string, positions: Positions, found: Diagnostic[] = []): Problems {
    const problems = new Problems(positions);
    problems.#diagnostics = this.#diagnostics;
    problems.#source = source;
    const room = Math.max(1, DIAGNOSTICS_MAX - this.#diagnostics.size);
    this.#addFound(found.slice(0, room).map((diagnostic) => ({ ...diagnostic, source })));
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
    const all = [...this.#diagnostics.values()];
    return all.filter(({ severity, source }) => severity === 'error' && source === this.#source);
  }

  /** Adds what all of several checks report; one that returns false says nothing. */
  addCommon(checks: readonly (() => boolean)[], isWanted: (diagnostic: Diagnostic) => boolean): void {
    const before = this.#diagnostics;
    let common: [string, Diagnostic][] | undefined;
    // What the checks do not have in common must not take the place of what they have.
    this.#listedMax = DIAGNOSTICS_MAX * 10;
    for (const [index, check] of checks.entries()) {
      if (index > 1 && !common?.some(([, { severity }]) => severity === 'error')) break;
      this.#diagnostics = new Map(before);
      if (!check()) continue;
      const found = new Map([...this.#diagnostics].slice(before.size).filter(([, diagnostic]) => isWanted(diagnostic)));
      common = common === undefined ? [...found] : common.filter(([key]) => found.has(key));
    }
    this.#listedMax = DIAGNOSTICS_MAX;
    this.#diagnostics = new Map([...before, ...(common ?? [])].slice(0, DIAGNOSTICS_MAX + 1));
  }

  /** In the order of the document; those of sources come behind, one source after the other. */
  toList(): Diagnostic[] {
    const all = [...this.#diagnostics.values()];
    const sources = [...new Set(all.map(({ source }) => source))];
    const place = ({ source }: Diagnostic) => (source === undefined ? -1 : sources.indexOf(source));
    return all.toSorted((a, b) => place(a) - place(b) || a.line - b.line || a.column - b.column);
  }

  /** Of the reader, which knows only where in the text they are. */
  #addFound(found: readonly Diagnostic[]): void {
    for (const diagnostic of found) {
      const { severity, code, message, pointer, line, column, source } = diagnostic;
      this.#diagnostics.set([source, severity, code, pointer, line, column, message].join(' '), diagnostic);
    }
  }

  #add(
    severity: Diagnostic['severity'],
    code: string,
    pointer: string,
    message: string,
    hint: Hint,
    place: Place,
  ): void {
    const count = this.#diagnostics.size;
    // A position costs a walk; past this many nobody reads on. An error must still keep the document from being used.
    if (count > this.#listedMax || (count === this.#listedMax && severity === 'warning')) return;
    const key = [this.#source, severity, code, pointer, place.at, place.offset, message].join(' ');
    if (this.#diagnostics.has(key)) return;
    const position =
      place.at === 'key' ? this.#positions.ofKey(pointer) : this.#positions.ofValue(pointer, place.offset);
    const advice = typeof hint === 'string' ? hint : hint();
    const source = this.#source === undefined ? {} : { source: this.#source };
    this.#diagnostics.set(key, { severity, code, message, hint: advice, ...source, pointer, ...position });
  }
}
