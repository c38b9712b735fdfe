import { toTerms } from './to-terms.ts';
import type { Effect } from './wanted-effects.ts';

/** A tool as described by its text. */
export type SearchableTool = {
  /** `<toolkit>.<name>`, unique. */
  slug: string;
  toolkit: string;
  title?: string | undefined;
  description?: string | undefined;
  parameters: readonly string[];
  /** The name of the toolkit that people see, and other words for it. */
  toolkitNames: readonly string[];
  /** Absent if it is not declared. */
  effect?: Effect | undefined;
};

/** The parts of a tool that contain words. */
export type SearchedField = 'name' | 'headline' | 'description' | 'parameters' | 'toolkit';

/** The terms of a tool, by part. */
export type ToolDocument = Readonly<Record<SearchedField, readonly string[]>> & {
  id: number;
  toolkitSlug: string;
  effect: Effect | undefined;
  /** All terms, without duplicates. */
  terms: ReadonlySet<string>;
  nameTerms: ReadonlySet<string>;
  toolkitTerms: ReadonlySet<string>;
};

/** Words in the names of so many toolkits that they do not identify one. */
const sayingNothing = new Set(
  'api rest web cloud platform service server app official open openapi spec extension the v1 v2 public'
    .split(' ')
    .flatMap(toTerms),
);

export function toDocument(tool: SearchableTool, id: number): ToolDocument {
  const { slug, toolkit, title = '', description = '', parameters, toolkitNames, effect } = tool;
  const headline = title === '' ? headlineOf(description) : title;
  const rest = title === '' ? description.slice(headline.length) : description;
  const words = {
    name: toTerms(slug.slice(toolkit.length + 1)),
    headline: toTerms(headline),
    description: toTerms(rest),
    parameters: [...new Set(parameters.flatMap(toTerms))],
    toolkit: [...new Set([toolkit, ...toolkitNames].flatMap(toTerms))].filter((term) => !sayingNothing.has(term)),
  };
  return {
    ...words,
    id,
    toolkitSlug: toolkit,
    effect,
    terms: new Set(Object.values(words).flat()),
    nameTerms: new Set(words.name),
    toolkitTerms: new Set(words.toolkit),
  };
}

/** A description that was composed from a summary and a description begins with the summary. */
function headlineOf(description: string): string {
  return /^[^.:\n]{1,100}/.exec(description)?.[0] ?? '';
}
