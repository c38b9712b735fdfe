import type { Diagnostic } from '@toolplane/contracts';
import type { Positions } from './positions.ts';

export const DIAGNOSTICS_MAX = 500;

/** `at: 'key'` points at the key instead of its value; `offset` into a text. */
export type Place = { at?: 'key'; offset?: number };

/** A function is called only for a problem that is listed. */
export type Hint = string | (() => string);

/** Collects all that is wrong with a document. */
export class Problems {
  readonly #positions: Positions;
  readonly #diagnostics: Diagnostic[];

  constructor(positions: Positions, found: Diagnostic[] = []) {
    this.#positions = positions;
    this.#diagnostics = [...found];
  }

  error(code: string, pointer: string, message: string, hint: Hint, place: Place = {}): void {
    this.#add('error', code, pointer, message, hint, place);
  }

  warn(code: string, pointer: string, message: string, hint: Hint, place: Place = {}): void {
    this.#add('warning', code, pointer, message, hint, place);
  }

  /** In the order of the document. */
  toList(): Diagnostic[] {
    return this.#diagnostics.toSorted((a, b) => a.line - b.line || a.column - b.column);
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
    if (count > DIAGNOSTICS_MAX || (count === DIAGNOSTICS_MAX && severity === 'warning')) return;
    const position =
      place.at === 'key' ? this.#positions.ofKey(pointer) : this.#positions.ofValue(pointer, place.offset);
    const advice = typeof hint === 'string' ? hint : hint();
    this.#diagnostics.push({ severity, code, message, hint: advice, pointer, ...position });
  }
}
