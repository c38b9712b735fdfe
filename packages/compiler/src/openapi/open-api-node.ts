import { appendPointer, isJsonObject, type Json, pointerSegments } from '@toolplane/contracts';
import { OpenApiError } from './model.ts';

/** The maximum number of consecutive references; more are circular or meant to cost time. */
const REFERENCES_MAX = 16;
const REFERENCE_LENGTH_MAX = 1000;
/** The maximum number of entries of one list or object inside an operation. */
const ENTRIES_MAX = 1000;

type Broken = { message: string; at: OpenApiNode };

/**
 * A value inside an OpenAPI document. A `$ref` is resolved only when its target is needed, so a broken one affects only
 * what uses it. Nothing outside the document is ever read.
 */
export class OpenApiNode {
  readonly value: Json;
  readonly #parent: OpenApiNode | undefined;
  readonly #key: string;
  readonly #root: OpenApiNode;

  constructor(value: Json, parent?: OpenApiNode, key = '') {
    this.value = value;
    this.#parent = parent;
    this.#key = key;
    this.#root = parent === undefined ? this : parent.#root;
  }

  /** The pointer is built on demand: most locations are only passed on the way to others. */
  get pointer(): string {
    return this.#parent === undefined ? '' : appendPointer(this.#parent.pointer, this.#key);
  }

  /** Returns own members and items only. A key without a value, which YAML reads as null, counts as absent. */
  member(key: string): OpenApiNode | undefined {
    const { value } = this;
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    if (Array.isArray(value) && !/^(0|[1-9]\d*)$/.test(key)) return undefined;
    const member = (value as { [key: string]: Json })[key] ?? null;
    return member === null ? undefined : new OpenApiNode(member, this, key);
  }

  /** Returns the final target of a `$ref`, or the node itself if it has none. */
  follow(): OpenApiNode {
    const target = this.#follow({ left: REFERENCES_MAX });
    if (target instanceof OpenApiNode) return target;
    throw new OpenApiError(target.message, target.at.pointer);
  }

  /** Returns undefined where `follow` would throw. */
  findTarget(): OpenApiNode | undefined {
    const target = this.#follow({ left: REFERENCES_MAX });
    return target instanceof OpenApiNode ? target : undefined;
  }

  text(key: string): string | undefined {
    const { value } = this;
    const text = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
    return typeof text === 'string' ? text : undefined;
  }

  requiredText(key: string): string {
    const text = this.text(key);
    if (text === undefined) throw new OpenApiError(`"${key}" is missing or is not text`, this.pointer);
    return text;
  }

  entries(): [string, OpenApiNode][] {
    if (!isJsonObject(this.value)) throw new OpenApiError('This must be an object', this.pointer);
    const entries = Object.entries(this.value);
    this.#checkCount(entries.length);
    return entries.map(([key, value]) => [key, new OpenApiNode(value, this, key)]);
  }

  items(): OpenApiNode[] {
    const { value } = this;
    if (!Array.isArray(value)) throw new OpenApiError('This must be a list', this.pointer);
    this.#checkCount(value.length);
    return value.map((item, index) => new OpenApiNode(item, this, String(index)));
  }

  #checkCount(count: number): void {
    if (count > ENTRIES_MAX) throw new OpenApiError(`This has more than ${ENTRIES_MAX} entries`, this.pointer);
  }

  #follow(budget: { left: number }): OpenApiNode | Broken {
    let node: OpenApiNode = this;
    for (let reference = node.text('$ref'); reference !== undefined; reference = node.text('$ref')) {
      budget.left -= 1;
      if (budget.left < 0) return { message: '"$ref" leads in circles or too far', at: this };
      const target = node.#findTarget(reference, budget);
      if (!(target instanceof OpenApiNode)) return target;
      node = target;
    }
    return node;
  }

  /** Also resolves references along the pointer. */
  #findTarget(reference: string, budget: { left: number }): OpenApiNode | Broken {
    if (!reference.startsWith('#')) return this.#broken('leads out of the document', reference);
    const pointer = reference.length > REFERENCE_LENGTH_MAX ? undefined : decode(reference.slice(1));
    if (pointer !== '' && !pointer?.startsWith('/')) return this.#broken('names nothing in the document', reference);
    let node = this.#root;
    for (const token of pointerSegments(pointer)) {
      const around = Object.hasOwn(Object(node.value), token) ? node : node.#follow(budget);
      if (!(around instanceof OpenApiNode)) return around;
      const next = around.member(token);
      if (next === undefined) return this.#broken('names nothing in the document', reference);
      node = next;
    }
    return node;
  }

  #broken(what: string, reference: string): Broken {
    const short = reference.length > 100 ? `${reference.slice(0, 100)}…` : reference;
    return { message: `"$ref" ${what}: ${JSON.stringify(short)}`, at: this };
  }
}

function decode(fragment: string): string | undefined {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return undefined;
  }
}
