import { isJsonObject, type Json, type JsonObject, type PlanParameter } from '@toolplane/contracts';

type Style = PlanParameter['style'];

/** Encodes names and values for their position. */
export type Writer = { name(text: string): string; value(value: Json): string };

/** The operators of RFC 6570, and OpenAPI's styles that follow the same rules. */
const forms: Record<Exclude<Style, 'deepObject'>, { isNamed: boolean; ifEmpty: '' | '='; delimiter: string }> = {
  simple: { isNamed: false, ifEmpty: '=', delimiter: ',' },
  label: { isNamed: false, ifEmpty: '=', delimiter: ',' },
  matrix: { isNamed: true, ifEmpty: '', delimiter: ',' },
  form: { isNamed: true, ifEmpty: '=', delimiter: ',' },
  spaceDelimited: { isNamed: true, ifEmpty: '=', delimiter: '%20' },
  pipeDelimited: { isNamed: true, ifEmpty: '=', delimiter: '%7C' },
};

/**
 * Returns the pieces of a value, which the caller joins, because the separator depends on the position. An empty list
 * or object has none, because RFC 6570 does not write it. Null items are left out; a value that is nested too deeply
 * for its style becomes JSON.
 */
export function expandValue(
  { name, style, explode }: { name: string; style: Style; explode: boolean },
  value: Json,
  writer: Writer,
): string[] {
  if (style === 'deepObject') {
    if (holdsMore(value)) return expandItems(name, value, writer);
    return isJsonObject(value) ? expandDeep(name, value, writer) : [pair(name, value, writer)];
  }
  const { isNamed, ifEmpty, delimiter } = forms[style];
  const join = (key: string, text: string) => key + (text === '' ? ifEmpty : `=${text}`);
  const whole = (text: string) => (isNamed ? join(writer.name(name), text) : text);
  const texts = Array.isArray(value) ? value.filter((item) => item !== null).map(writer.value) : undefined;
  if (texts !== undefined) {
    if (explode) return texts.map(whole);
    return texts.length === 0 ? [] : [whole(texts.join(delimiter))];
  }
  if (!isJsonObject(value)) return [whole(writer.value(value))];
  const members = membersOf(value).map(([key, member]): [string, string] => [writer.name(key), writer.value(member)]);
  if (explode) return members.map(([key, text]) => join(key, text));
  return members.length === 0 ? [] : [whole(members.flat().join(delimiter))];
}

/** OpenAPI defines only one level; lists and further levels are written in the way that most servers read them. */
function expandDeep(name: string, value: JsonObject, writer: Writer): string[] {
  return membersOf(value).flatMap(([key, member]) => {
    const deepName = `${name}[${key}]`;
    if (isJsonObject(member)) return expandDeep(deepName, member, writer);
    if (holdsMore(member)) return expandItems(deepName, member, writer);
    return [member]
      .flat()
      .filter((item) => item !== null)
      .map((item) => pair(deepName, item, writer));
  });
}

/**
 * Items that contain names are numbered so that they can be distinguished, `name[0][key]`, and so are all lists inside
 * them.
 */
function expandItems(name: string, items: Json[], writer: Writer): string[] {
  return items
    .filter((item) => item !== null)
    .flatMap((item, index) => expandNumbered(`${name}[${index}]`, item, writer));
}

function expandNumbered(name: string, value: Json, writer: Writer): string[] {
  if (Array.isArray(value)) return expandItems(name, value, writer);
  if (!isJsonObject(value)) return [pair(name, value, writer)];
  return membersOf(value).flatMap(([key, member]) => expandNumbered(`${name}[${key}]`, member, writer));
}

/** Returns whether the value is a list that contains lists or objects, or an empty list. */
function holdsMore(value: Json): value is Json[] {
  if (!Array.isArray(value)) return false;
  return value.length === 0 || value.some((item) => typeof item === 'object' && item !== null);
}

function pair(name: string, value: Json, writer: Writer): string {
  return `${writer.name(name)}=${writer.value(value)}`;
}

function membersOf(value: JsonObject): [string, Json][] {
  return Object.entries(value).filter(([, member]) => member !== null);
}
