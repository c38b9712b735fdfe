/** What is typed into the fields of a form whose names begin like this; those that are empty are left out. */
export function readForm(form: HTMLFormElement, prefix: string): Record<string, string> {
  const entries = [...new FormData(form)].flatMap(([name, value]) =>
    name.startsWith(prefix) && typeof value === 'string' && value !== '' ? [[name.slice(prefix.length), value]] : [],
  );
  return Object.fromEntries(entries);
}
