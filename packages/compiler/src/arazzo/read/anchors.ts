import { isJsonObject } from '@toolplane/contracts';
import type { Part } from '../../document/part.ts';
import type { LocatedSchema } from './locate-schema.ts';

/** Values that only look like schemas hold no anchors. */
const data = ['const', 'default', 'enum', 'example', 'examples'];

type ByName = Map<string, LocatedSchema>;

/** Where the anchors of one document are. Each schema is searched once, however many references there are. */
export class Anchors {
  readonly #root: Part;
  readonly #byResource = new Map<string, ByName>();
  #ofComponents: ByName | undefined;

  constructor(root: Part) {
    this.#root = root;
  }

  /** In its own schema, otherwise in the first of the components that has it. */
  find(name: string, resource: Part): LocatedSchema | undefined {
    const known = this.#byResource.get(resource.pointer);
    const own = known ?? anchorsOf([resource]);
    if (known === undefined) this.#byResource.set(resource.pointer, own);
    return own.get(name) ?? this.#getOfComponents().get(name);
  }

  #getOfComponents(): ByName {
    const components = this.#root.member('components')?.member('inputs');
    const isMap = components !== undefined && isJsonObject(components.value);
    this.#ofComponents ??= anchorsOf(isMap ? components.entries().map(([, schema]) => schema) : []);
    return this.#ofComponents;
  }
}

/** Of several with one name the first counts. */
function anchorsOf(resources: Part[]): ByName {
  const found: ByName = new Map();
  for (const resource of resources) addAnchors(resource, resource, found);
  return found;
}

function addAnchors(part: Part, resource: Part, found: ByName): void {
  const { value } = part;
  if (typeof value !== 'object' || value === null) return;
  const name = part.member('$anchor')?.value;
  if (typeof name === 'string' && !found.has(name)) found.set(name, { part, resource });
  for (const key of Object.keys(value)) {
    const inside = part.member(key) ?? part.item(Number(key));
    if (inside !== undefined && !data.includes(key)) addAnchors(inside, resource, found);
  }
}
