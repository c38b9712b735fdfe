import { appendPointer, isExactNumber, type Json, type JsonObject } from '@toolplane/contracts';
import { type Alias, type Document, isAlias, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from 'yaml';

const DEPTH_MAX = 64;
/** Counted after aliases are resolved: a few lines of aliases can produce millions of values. */
const NODES_MAX = 500_000;

type Problem = { code: string; message: string; hint: string; pointer: string; offset: number };

/** `inexactNumbers` contains pointers to rounded numbers, each location in the text once. */
type Converted = {
  value: Json;
  aliases: ReadonlyMap<Alias, Node>;
  problems: Problem[];
  inexactNumbers: string[];
};

const coreTags = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((name) => `tag:yaml.org,2002:${name}`),
);

/**
 * Converts the syntax tree to plain JSON. A value that JSON cannot or must not contain is reported and becomes null.
 */
export function toValue(document: Document.Parsed, aliasesMax: number): Converted {
  const problems: Problem[] = [];
  const anchors = new Map<string, Node>();
  const aliases = new Map<Alias, Node>();
  const open = new Set<Node>();
  const inexact = new Map<Scalar, string>();
  let nodeCount = 0;
  checkVersion();
  const value = convert(document.contents, '', 0);
  return { value, aliases, problems, inexactNumbers: [...inexact.values()] };

  function checkVersion(): void {
    const { version, explicit } = document.directives.yaml;
    if (!explicit || version === '1.2') return;
    report(document.contents, '', 'yaml_version', 'Documents are YAML 1.2', 'Remove the %YAML directive.');
  }

  function convert(node: Node | null, pointer: string, depth: number): Json {
    if (node === null) return null;
    nodeCount += 1;
    if (nodeCount > NODES_MAX)
      return stop(node, pointer, 'too_many_values', `The document holds more than ${NODES_MAX} values`);
    if (depth > DEPTH_MAX) return stop(node, pointer, 'too_deep', `The document nests more than ${DEPTH_MAX} levels`);
    if (isAlias(node)) return convertAlias(node, pointer, depth);
    if (node.anchor !== undefined) anchors.set(node.anchor, node);
    if (node.tag !== undefined && !coreTags.has(node.tag)) {
      const hint = 'Remove the tag and write plain YAML values.';
      return report(node, pointer, 'custom_tag', 'Tags such as !name are not supported', hint);
    }
    if (isScalar(node)) return convertScalar(node, pointer);
    open.add(node);
    const value = isMap(node) ? convertMap(node, pointer, depth) : convertList(node, pointer, depth);
    open.delete(node);
    return value;
  }

  function convertScalar(node: Scalar, pointer: string): Json {
    const { value } = node;
    if (typeof value === 'number' && !Number.isFinite(value)) {
      return report(node, pointer, 'invalid_number', 'This number does not exist in JSON', 'Write a finite number.');
    }
    if (typeof value === 'number' && !isKept(value, node.source) && !inexact.has(node)) inexact.set(node, pointer);
    if (typeof value === 'string' && !value.isWellFormed()) {
      return report(
        node,
        pointer,
        'invalid_encoding',
        'This text is not valid Unicode',
        'Complete the surrogate pair.',
      );
    }
    return value as Json;
  }

  function convertList(node: Node, pointer: string, depth: number): Json[] {
    const items = isSeq(node) ? node.items : [];
    return items.map((item, index) => convert(item as Node | null, appendPointer(pointer, index), depth + 1));
  }

  function convertMap(node: YAMLMap, pointer: string, depth: number): JsonObject {
    const members: JsonObject = {};
    const seen = new Set<string>();
    for (const { key, value } of node.items) {
      const keyNode = key as Scalar;
      const name = String(keyNode.value ?? '');
      const at = appendPointer(pointer, name);
      if (seen.has(name)) {
        report(keyNode, at, 'duplicate_key', `Duplicate key "${name}"`, 'Keep one of them.');
      } else if (name === '__proto__') {
        report(keyNode, at, 'forbidden_key', 'The key "__proto__" is not allowed', 'Choose another name.');
      } else if (name === '<<' && isPlain(keyNode)) {
        report(keyNode, at, 'merge_key', 'Merge keys (<<) are not part of YAML 1.2', 'Write the members out.');
      } else {
        members[name] = convert(value as Node | null, at, depth + 1);
      }
      seen.add(name);
    }
    return members;
  }

  function convertAlias(alias: Alias, pointer: string, depth: number): Json {
    const target = anchors.get(alias.source);
    if (target === undefined) {
      return report(
        alias,
        pointer,
        'unknown_alias',
        `No anchor &${alias.source} comes before this alias`,
        'Check the name.',
      );
    }
    if (open.has(target))
      return report(alias, pointer, 'cyclic_alias', 'This alias contains itself', 'Write the value out.');
    aliases.set(alias, target);
    if (aliases.size > aliasesMax) {
      return stop(alias, pointer, 'too_many_aliases', `The document has more than ${aliasesMax} aliases`);
    }
    return convert(target, pointer, depth);
  }

  function report(node: Node | null, pointer: string, code: string, message: string, hint: string): null {
    problems.push({ code, message, hint, pointer, offset: node?.range?.[0] ?? 0 });
    return null;
  }

  /** A limit is reported once, however often it is exceeded. */
  function stop(node: Node, pointer: string, code: string, message: string): null {
    if (problems.some((problem) => problem.code === code)) return null;
    return report(node, pointer, code, message, 'Simplify or split the document.');
  }
}

function isPlain(node: Scalar): boolean {
  return node.type === 'PLAIN';
}

/** In YAML, whole numbers may also have a plus sign or leading zeros, or be written in base 16 or 8. */
function isKept(value: number, source: string | undefined): boolean {
  if (Number.isSafeInteger(value) || source === undefined) return true;
  return !/^0[xo]/.test(source) && isExactNumber(value, source.replace(/^\+/, '').replace(/^(-?)0+(?=\d)/, '$1'));
}
