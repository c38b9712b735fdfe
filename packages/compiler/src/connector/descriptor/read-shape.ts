import { appendPointer, isJsonObject, type JsonObject } from '@toolplane/contracts';
import type { z } from 'zod';
import type { Part } from '../../document/part.ts';
import { DIAGNOSTICS_MAX } from '../../document/problems.ts';
import { type Connector, connectorSchema } from './connector-schema.ts';
import { reportIssue } from './report-issue.ts';
import { type Kept, withoutBroken } from './without-broken.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly (string | number)[];

/** A descriptor with its places. What is broken in itself is left out of it, so that the rest can still be checked. */
export class Draft {
  readonly connector: Connector;
  readonly #root: Part;
  readonly #kept: Kept;

  constructor(connector: Connector, root: Part, kept: Kept) {
    this.connector = connector;
    this.#root = root;
    this.#kept = kept;
  }

  /** The place of a member, present or not. */
  at(...path: Path): Part {
    let inDraft = '';
    let part = this.#root;
    for (const segment of path) {
      const key = typeof segment === 'number' ? (this.#kept.get(inDraft)?.[segment] ?? segment) : segment;
      part = part.place(key);
      inDraft += `/${segment}`;
    }
    return part;
  }

  /** Texts of one member of all items of a list, those that were left out as well. */
  names(key: string, ...path: Path): Set<string> {
    const { value } = this.at(...path);
    const items = Array.isArray(value) ? value : [];
    return new Set(items.flatMap((item) => (isJsonObject(item) && typeof item[key] === 'string' ? [item[key]] : [])));
  }

  /** Were items of this list left out? */
  isPartial(...path: Path): boolean {
    return this.#kept.has(`/${path.join('/')}`);
  }
}

/** Reports all that breaks the schema. Nothing when too much is broken to check the rest. */
export function readShape(root: Part): Draft | undefined {
  if (root.object() === undefined) return undefined;
  const parsed = connectorSchema.safeParse(root.value);
  if (parsed.success) return new Draft(parsed.data, root, new Map());
  for (const issue of firstOfEach(parsed.error.issues, root)) reportIssue(issue, root);
  if (root.problems.errors().length === 0) {
    root.error('invalid_descriptor', 'This is not a connector descriptor', 'Compare it with the schema.');
  }
  const { value, kept } = withoutBroken(root.value as JsonObject, parsed.error.issues);
  const rest = connectorSchema.safeParse(value);
  return rest.success ? new Draft(rest.data, root, kept) : undefined;
}

/** Of several problems of one value the first says enough; of one that could not be read nothing more is to say. */
function firstOfEach(issues: readonly Issue[], { problems }: Part): Issue[] {
  const told = new Set(problems.errors().map(({ pointer }) => pointer));
  const first = issues.filter((issue) => {
    const pointer = issue.path.reduce<string>((parent, key) => appendPointer(parent, String(key)), '');
    if (issue.code === 'unrecognized_keys') return true;
    const isFirst = !told.has(pointer);
    told.add(pointer);
    return isFirst;
  });
  return first.slice(0, DIAGNOSTICS_MAX + 1);
}
