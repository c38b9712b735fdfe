type OptionalKey<T> = { [K in keyof T]: undefined extends T[K] ? K : never }[keyof T];

type DefinedOnly<T> = { [K in Exclude<keyof T, OptionalKey<T>>]: T[K] } & {
  [K in OptionalKey<T>]?: Exclude<T[K], undefined>;
};

/**
 * Omits members whose value is undefined, because optional members of our types are absent rather than undefined. It
 * makes several lists and objects, so the path of a tool call does without it.
 */
export function definedOnly<T extends object>(members: T): DefinedOnly<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as DefinedOnly<T>;
}
