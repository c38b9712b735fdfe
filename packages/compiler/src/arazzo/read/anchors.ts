import { isJsonObject } from '@toolplane/contracts';
import type { Part } from '../../document/part.ts';

/** `resource` is the schema to which pointers in it are relative: that of a workflow, or one of the components. */
export type LocatedSchema = { part: Part; resource: Part };

/** The values of these keywords may look like schemas but contain no anchors. */
const data = ['const', 'default', 'enum', 'example', 'examples'];

type ByName = Map<string, LocatedSchema>;

/** The locations of the anchors of one document. Each schema is searched once, however many references exist. */
export class Anchors {
  readonly #root: Part;
  readonly #byResource = new Map<string, ByName>();
  #ofComponents: ByName | undefined;

  constructor(root: Part) {
    this.#root = root;
  }

  /** Searches the schema itself and then the components, of which the first with this anchor counts. */
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

/** If several anchors have the same name, the first one counts. */
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
