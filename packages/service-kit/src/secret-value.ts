import { inspect } from 'node:util';

const HIDDEN = '[secret]';

/**
 * Prevents a secret from being printed: text, template, JSON, `util.inspect` and structured clone all yield `[secret]`
 * or nothing. It is not access control; `reveal()` is the one searchable word that shows where a value is used.
 */
export class SecretValue {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [inspect.custom](): string {
    return HIDDEN;
  }
}
