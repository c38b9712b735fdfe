type Optional<T> = { [K in keyof T]: undefined extends T[K] ? K : never }[keyof T];

type DefinedOnly<T> = { [K in Exclude<keyof T, Optional<T>>]: T[K] } & {
  [K in Optional<T>]?: Exclude<T[K], undefined>;
};

/** Omits members whose value is undefined, which are those that the document does not have. */
export function definedOnly<T extends object>(members: T): DefinedOnly<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as DefinedOnly<T>;
}
