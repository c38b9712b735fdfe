/** The values of the fields whose names begin with the prefix; empty ones are left out. */
export function readForm(form: HTMLFormElement, prefix: string): Record<string, string> {
  const entries = [...new FormData(form)].flatMap(([name, value]) =>
    name.startsWith(prefix) && typeof value === 'string' && value !== '' ? [[name.slice(prefix.length), value]] : [],
  );
  return Object.fromEntries(entries);
}
