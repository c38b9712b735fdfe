type Optional<T> = { [K in keyof T]: undefined extends T[K] ? K : never }[keyof T];

type DefinedOnly<T> = { [K in Exclude<keyof T, Optional<T>>]: T[K] } & {
  [K in Optional<T>]?: Exclude<T[K], undefined>;
};

/** Members that the document does not have are absent, instead of undefined. */
export function definedOnly<T extends object>(members: T): DefinedOnly<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as DefinedOnly<T>;
}
