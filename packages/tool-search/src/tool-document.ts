import { toTerms } from './to-terms.ts';
import type { Effect } from './wanted-effects.ts';

/** A tool as its text tells of it. */
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

/** The words of a tool, by where they stand: terms with spaces between them. */
export type ToolDocument = {
  id: number;
  name: string;
  headline: string;
  description: string;
  parameters: string;
  toolkit: string;
  toolkitSlug: string;
  effect: Effect | undefined;
  /** All of them, once each. */
  terms: ReadonlySet<string>;
  nameTerms: ReadonlySet<string>;
  toolkitTerms: ReadonlySet<string>;
};

export const fields = ['name', 'headline', 'description', 'parameters', 'toolkit'] as const;

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
  const name = toTerms(slug.slice(toolkit.length + 1));
  const [headlineTerms, descriptionTerms] = [toTerms(headline), toTerms(rest)];
  const parameterTerms = new Set(parameters.flatMap(toTerms));
  const toolkitTerms = new Set([toolkit, ...toolkitNames].flatMap(toTerms).filter((term) => !sayingNothing.has(term)));
  return {
    ...{ id, toolkitSlug: toolkit, effect, toolkitTerms, nameTerms: new Set(name) },
    name: name.join(' '),
    headline: headlineTerms.join(' '),
    description: descriptionTerms.join(' '),
    parameters: [...parameterTerms].join(' '),
    toolkit: [...toolkitTerms].join(' '),
    terms: new Set([...name, ...headlineTerms, ...descriptionTerms, ...parameterTerms, ...toolkitTerms]),
  };
}

/** Descriptions that were put together from summary and description begin with the summary. */
function headlineOf(description: string): string {
  return /^[^.:\n]{1,100}/.exec(description)?.[0] ?? '';
}
