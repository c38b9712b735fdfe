import type { Json } from '@toolplane/contracts';

export type RedactedValue = { name: string; forms: readonly string[] };

export type Redactor = {
  /** The number of texts that are searched for. */
  readonly formCount: number;
  redactText(text: string): string;
  redact(value: Json): Json;
};

/** Returns the text that replaces the value of this secret. */
export function maskOf(name: string): string {
  return `[secret:${name}]`;
}

/** Replaces known values wherever they occur, either as they are or in a form in which an upstream may echo them. */
export function createRedactor(values: readonly RedactedValue[]): Redactor {
  // The longest form comes first, so that a form that contains another one is replaced as a whole.
  const masks = values
    .flatMap(({ name, forms }) => forms.map((form) => ({ form, mask: maskOf(name) })))
    .sort((one, other) => other.form.length - one.form.length);
  const canBeNumber = masks.some(({ form }) => NUMBER_PART.test(form));
  const lengthMin = masks.at(-1)?.form.length ?? Number.POSITIVE_INFINITY;

  function redactText(text: string): string {
    if (text.length < lengthMin) return text;
    let redacted = text;
    for (const { form, mask } of masks) {
      if (redacted.includes(form)) redacted = redacted.replaceAll(form, () => mask);
    }
    return LINE_BREAK.test(redacted) ? redactLines(redacted) : redacted;
  }

  /** Base64 and hex may be split into lines of any length. */
  function redactLines(text: string): string {
    let redacted = text;
    const joined = text.replaceAll(LINE_BREAKS, '');
    for (const { form, mask } of masks) {
      if (BASE64.test(form) && joined.includes(form)) redacted = redacted.replaceAll(inLines(form), () => mask);
    }
    return redacted;
  }

  /** A value without anything to mask is returned as the same object: a response may contain many thousands. */
  function redact(value: Json): Json {
    if (typeof value === 'string') return redactText(value);
    if (typeof value === 'number') return redactNumber(value);
    if (typeof value !== 'object' || value === null) return value;
    let isChanged = false;
    const redactPart = (part: Json) => {
      const redacted = redact(part);
      isChanged ||= redacted !== part;
      return redacted;
    };
    if (Array.isArray(value)) {
      const items = value.map(redactPart);
      return isChanged ? items : value;
    }
    const members = Object.entries(value).map(([name, member]) => [redactPart(name), redactPart(member)]);
    return isChanged ? Object.fromEntries(members) : value;
  }

  function redactNumber(value: number): Json {
    if (!canBeNumber) return value;
    const text = String(value);
    const redacted = redactText(text);
    return redacted === text ? value : redacted;
  }

  if (masks.length === 0) return { formCount: 0, redactText: (text) => text, redact: (value) => value };
  return { formCount: masks.length, redactText, redact };
}

/** Matches characters of numbers in the notation of `String`. */
const NUMBER_PART = /^[\d.e+-]+$/;
/** Also matches a token of several parts. */
const BASE64 = /^[\w+/.-]+$/;
/** A line break, either literally or escaped as in JSON. */
const LINE_BREAK = /(?:\r?\n|(?:\\r)?\\n)[ \t]*/;
const LINE_BREAKS = new RegExp(LINE_BREAK, 'g');

/** This is slow to compute and to search for, so it is used only for forms that are known to occur. */
function inLines(form: string): RegExp {
  const chars = [...form].map((char) => (char === '+' || char === '.' ? `\\${char}` : char));
  return new RegExp(chars.join(`(?:${LINE_BREAK.source})?`), 'g');
}
