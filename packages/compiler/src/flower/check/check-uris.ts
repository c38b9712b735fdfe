import type { DeclaredResource } from '../model.ts';

export function checkUris(resources: DeclaredResource[]): void {
  const known = resources.filter(({ uri }) => uri !== '');
  checkDuplicates(known);
  const templates = known.filter(({ isTemplate }) => isTemplate);
  for (const { uri, part } of known.filter(({ isTemplate }) => !isTemplate)) {
    const template = templates.find((each) => mayName(each.uri, uri));
    if (template === undefined) continue;
    const hint = 'The resource is read; the template is never used for this URI.';
    part.member('uri')?.warn('overlapping_uri', `The template "${template.uri}" also matches "${uri}"`, hint);
  }
}

/** The names of variables do not affect what a template matches. */
function checkDuplicates(resources: DeclaredResource[]): void {
  const seen = new Map<string, string>();
  for (const { uri, isTemplate, part } of resources) {
    const form = isTemplate ? uri.replaceAll(/\{[^{}]*\}/g, '{}') : uri;
    const earlier = seen.get(form);
    if (earlier !== undefined) {
      const message = earlier === uri ? `Duplicate resource "${uri}"` : `"${uri}" and "${earlier}" match the same URIs`;
      part.member(isTemplate ? 'uri_template' : 'uri')?.error('duplicate_uri', message, 'Keep one of them.');
    }
    seen.set(form, uri);
  }
}

/**
 * Returns true if the URI contains each literal text of the template, in order, separated by at least one character and
 * without "/", "?" or "#" between them.
 */
function mayName(template: string, uri: string): boolean {
  const [head = '', ...texts] = template.split(/\{[^{}]*\}/);
  if (!uri.startsWith(head)) return false;
  let at = head.length;
  for (const [index, text] of texts.entries()) {
    const isLast = index === texts.length - 1;
    const end = isLast ? uri.length - text.length : uri.indexOf(text, at + 1);
    if (end <= at || /[/?#]/.test(uri.slice(at, end))) return false;
    at = end + text.length;
  }
  return uri.endsWith(texts.at(-1) ?? '');
}
