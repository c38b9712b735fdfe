import { toTerms } from './to-terms.ts';
import type { Effect } from './wanted-effects.ts';

/** A tool as its text describes it. */
export type SearchableTool = {
  /** `<toolkit>.<name>`, unique. */
  slug: string;
  toolkit: string;
  title?: string | undefined;
  description?: string | undefined;
  parameters: readonly string[];
  /** What people call the toolkit, and other words for it. */
  toolkitNames: readonly string[];
  /** Absent: nobody says. */
  effect?: Effect | undefined;
};

/** The parts of a tool that have words. */
export type Field = 'name' | 'headline' | 'description' | 'parameters' | 'toolkit';

/** The terms of a tool, by part. */
export type ToolDocument = Readonly<Record<Field, readonly string[]>> & {
  id: number;
  toolkitSlug: string;
  effect: Effect | undefined;
  /** All of them, once each. */
  terms: ReadonlySet<string>;
  nameTerms: ReadonlySet<string>;
  toolkitTerms: ReadonlySet<string>;
};

/** Said of so many toolkits that it names none. */
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

/** Descriptions that were put together from summary and description begin with the summary. */
function headlineOf(description: string): string {
  return /^[^.:\n]{1,100}/.exec(description)?.[0] ?? '';
}
