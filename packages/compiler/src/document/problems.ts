import type { Diagnostic } from '@toolplane/contracts';
import type { Positions } from './positions.ts';

export const DIAGNOSTICS_MAX = 500;

/** `at: 'key'` refers to the key instead of its value; `offset` counts inside a text. */
export type DiagnosticLocation = { at?: 'key'; offset?: number };

/** A function is called only for a problem that is listed. */
export type Hint = string | (() => string);

/**
 * Collects all problems of a document and of the documents that it names as sources. The same problem that several
 * checks find at one location is listed once.
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

  /** Returns the problems of a source description's document, which are added to the same list. */
  ofSource(source: string, positions: Positions, found: Diagnostic[] = []): Problems {
    const problems = new Problems(positions);
    problems.#diagnostics = this.#diagnostics;
    problems.#source = source;
    const room = Math.max(1, DIAGNOSTICS_MAX - this.#diagnostics.size);
    this.#addFound(found.slice(0, room).map((diagnostic) => ({ ...diagnostic, source })));
    return problems;
  }

  error(code: string, pointer: string, message: string, hint: Hint, place: DiagnosticLocation = {}): void {
    this.#add('error', code, pointer, message, hint, place);
  }

  warn(code: string, pointer: string, message: string, hint: Hint, place: DiagnosticLocation = {}): void {
    this.#add('warning', code, pointer, message, hint, place);
  }

  /** Returns only the errors of this document. */
  errors(): Diagnostic[] {
    const all = [...this.#diagnostics.values()];
    return all.filter(({ severity, source }) => severity === 'error' && source === this.#source);
  }

  /** Adds the problems that all of several checks report. A check that returns false is ignored. */
  addCommon(checks: readonly (() => boolean)[], isWanted: (diagnostic: Diagnostic) => boolean): void {
    const before = this.#diagnostics;
    let common: [string, Diagnostic][] | undefined;
    // Problems that only some of the checks report must not displace those that all of them report.
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

  /**
   * Returns the problems in the order of the document, followed by those of the sources, one source after the other.
   */
  toList(): Diagnostic[] {
    const all = [...this.#diagnostics.values()];
    const sources = [...new Set(all.map(({ source }) => source))];
    const place = ({ source }: Diagnostic) => (source === undefined ? -1 : sources.indexOf(source));
    return all.toSorted((a, b) => place(a) - place(b) || a.line - b.line || a.column - b.column);
  }

  /** Adds the problems of the reader, which knows only their positions in the text. */
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
    place: DiagnosticLocation,
  ): void {
    const count = this.#diagnostics.size;
    // A position requires a search, and nobody reads more problems than this limit. An error must still prevent the
    // document from being used.
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
