import { appendPointer, isJsonObject, type Json, type JsonObject } from '@toolplane/contracts';
import type { DiagnosticLocation, Hint, Problems } from './problems.ts';
import { closestName, suggestName } from './suggest-name.ts';

/** A value inside a document that knows its location and can report problems. */
export class Part {
  readonly value: Json;
  readonly pointer: string;
  readonly problems: Problems;

  constructor(value: Json, pointer: string, problems: Problems) {
    this.value = value;
    this.pointer = pointer;
    this.problems = problems;
  }

  error(code: string, message: string, hint: Hint, place?: DiagnosticLocation): void {
    this.problems.error(code, this.pointer, message, hint, place);
  }

  warn(code: string, message: string, hint: Hint, place?: DiagnosticLocation): void {
    this.problems.warn(code, this.pointer, message, hint, place);
  }

  member(key: string): Part | undefined {
    const { value } = this;
    if (!isJsonObject(value) || !Object.hasOwn(value, key)) return undefined;
    return new Part(value[key] as Json, appendPointer(this.pointer, key), this.problems);
  }

  item(index: number): Part | undefined {
    if (!Array.isArray(this.value) || this.value[index] === undefined) return undefined;
    return new Part(this.value[index], appendPointer(this.pointer, index), this.problems);
  }

  /** Returns a member or an item. If it does not exist, the result represents its location. */
  place(key: string | number): Part {
    const found = typeof key === 'number' ? this.item(key) : this.member(key);
    return found ?? new Part(null, appendPointer(this.pointer, key), this.problems);
  }

  /** Returns a member, and reports it if it is missing. */
  required(key: string): Part | undefined {
    const member = this.member(key);
    if (member === undefined && isJsonObject(this.value)) {
      this.error('missing_key', `"${key}" is missing`, `Add "${key}".`);
    }
    return member;
  }

  /** Returns the members in document order. A value of another type is reported and has none. */
  entries({ max = Infinity }: { max?: number } = {}): [string, Part][] {
    const entries = Object.entries(this.object() ?? {});
    if (entries.length > max) {
      this.error('too_many', `There are ${entries.length} entries; the limit is ${max}`, 'Remove some.');
    }
    return entries.slice(0, max).map(([key, value]) => {
      return [key, new Part(value, appendPointer(this.pointer, key), this.problems)];
    });
  }

  /** Reports a list that is longer than `max`, or empty if that is not allowed. Items beyond the limit are omitted. */
  items({ max, what, canBeEmpty = false }: { max: number; what: string; canBeEmpty?: boolean }): Part[] {
    if (!Array.isArray(this.value)) {
      this.#wrongType('a list');
      return [];
    }
    if (this.value.length === 0 && !canBeEmpty) this.error('empty_list', `There are no ${what}`, 'Add at least one.');
    if (this.value.length > max) {
      this.error('too_many', `There are ${this.value.length} ${what}; the limit is ${max}`, 'Split the document.');
    }
    return this.value
      .slice(0, max)
      .map((item, index) => new Part(item, appendPointer(this.pointer, index), this.problems));
  }

  object(): JsonObject | undefined {
    if (isJsonObject(this.value)) return this.value;
    this.#wrongType('an object');
    return undefined;
  }

  text(): string | undefined {
    if (typeof this.value === 'string') return this.value;
    this.#wrongType('text');
    return undefined;
  }

  /** Returns a text that matches `form`; `rule` describes the form in words. */
  textLike(form: RegExp, code: string, rule: string, hint: Hint): string | undefined {
    const text = this.text();
    if (text === undefined || form.test(text)) return text;
    this.error(code, rule, hint);
    return undefined;
  }

  boolean(): boolean | undefined {
    if (typeof this.value === 'boolean') return this.value;
    this.#wrongType('true or false');
    return undefined;
  }

  number({ min, max, isWhole }: { min: number; max: number; isWhole: boolean }): number | undefined {
    const { value } = this;
    const fits = typeof value === 'number' && value >= min && value <= max && (!isWhole || Number.isInteger(value));
    if (fits) return value;
    const kind = isWhole ? 'a whole number' : 'a number';
    this.error('out_of_range', `This must be ${kind} from ${min} to ${max}`, `Write ${kind} from ${min} to ${max}.`);
    return undefined;
  }

  /** Returns the value if it is one of a few words. */
  choice<Word extends string>(words: readonly Word[]): Word | undefined {
    const word = words.find((candidate) => candidate === this.value);
    if (word !== undefined) return word;
    // `String` is not used for objects, which may have a member that determines how they become text.
    const written = typeof this.value === 'object' ? '' : String(this.value);
    const hint = suggestName(written, words, 'Write one of');
    this.error('unknown_word', `This must be one of ${words.join(', ')}`, hint);
    return undefined;
  }

  /** Reports members that have no meaning. If `extensions` is set, `x-…` members are accepted. */
  allowKeys(known: readonly string[], extensions?: Readonly<Record<string, string>>): void {
    if (!isJsonObject(this.value)) return;
    if (extensions !== undefined) this.checkExtensions(known, extensions);
    for (const key of Object.keys(this.value)) {
      if (known.includes(key) || (extensions !== undefined && key.startsWith('x-'))) continue;
      const hint = suggestName(key, known, 'Known here');
      const pointer = appendPointer(this.pointer, key);
      this.problems.error('unknown_key', pointer, `"${key}" is not known here`, hint, { at: 'key' });
    }
  }

  /** Warns of `x-…` members that are probably mistakes: misspelled, or known only in another object. */
  checkExtensions(known: readonly string[], extensions: Readonly<Record<string, string>>): void {
    if (!isJsonObject(this.value)) return;
    for (const key of Object.keys(this.value)) {
      if (!key.startsWith('x-') || known.includes(key)) continue;
      const place = Object.hasOwn(extensions, key) ? extensions[key] : undefined;
      // Short names differ from each other by one letter by chance.
      const meant = closestName(key, known, key.length < 10 ? 1 : 2);
      if (place === undefined && meant === undefined) continue;
      const hint = place === undefined ? `Did you mean "${meant}"?` : `It belongs to ${place}.`;
      const message = `"${key}" is not known here and has no effect`;
      this.problems.warn('unknown_extension', appendPointer(this.pointer, key), message, hint, { at: 'key' });
    }
  }

  /** Returns the only one of some members that exists; none or several are reported. */
  onlyOne<Key extends string>(keys: readonly Key[]): { key: Key; part: Part } | undefined {
    if (!isJsonObject(this.value)) return undefined;
    const found = keys.flatMap((key) => {
      const part = this.member(key);
      return part === undefined ? [] : [{ key, part }];
    });
    if (found.length !== 1) {
      const message = `This has ${found.length === 0 ? 'none' : 'several'} of ${keys.join(', ')}`;
      this.error('not_exactly_one', message, 'Write exactly one of them.');
    }
    return found[0];
  }

  #wrongType(expected: string): void {
    this.error('wrong_type', `This must be ${expected}, not ${nameOf(this.value)}`, `Write ${expected} here.`);
  }
}

function nameOf(value: Json): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  return { string: 'text', number: 'a number', boolean: 'true or false' }[typeof value as string] ?? 'an object';
}
