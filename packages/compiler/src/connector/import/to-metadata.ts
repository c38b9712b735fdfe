import type { OpenApiDocument } from '../../openapi/model.ts';
import type { ConnectorInput } from '../descriptor/connector-schema.ts';
import { plainText } from './texts/plain-text.ts';
import { shorten } from './texts/sentences.ts';

type Given = { slug?: string; name?: string; publisher?: string };

const NAME_LENGTH_MIN = 3;
const NAME_LENGTH_MAX = 200;
const SLUG_LENGTH_MAX = 60;
const DESCRIPTION_LENGTH_MIN = 10;
const DESCRIPTION_LENGTH_MAX = 1000;
const SUMMARY_LENGTH_MAX = 300;

export function toMetadata({ title, about }: OpenApiDocument, given: Given): ConnectorInput['metadata'] {
  const titled = shorten(plainText(title ?? ''), NAME_LENGTH_MAX);
  const name = given.name ?? (titled.length < NAME_LENGTH_MIN ? `${titled || 'An'} API` : titled);
  const said = shorten(plainText(about.description ?? about.summary ?? ''), DESCRIPTION_LENGTH_MAX);
  const summary = shorten(plainText(about.summary ?? ''), SUMMARY_LENGTH_MAX);
  const publisher = [given.publisher, about.contactName, name].find((each) => (each?.trim().length ?? 0) >= 2);
  return {
    name,
    slug: given.slug ?? toSlug(name),
    version: toVersion(about.version),
    description: said.length < DESCRIPTION_LENGTH_MIN ? `Operations of ${name}.` : said,
    ...(summary === '' ? {} : { summary }),
    publisher: (publisher ?? name).trim().slice(0, NAME_LENGTH_MAX),
    ...(isUrl(about.documentationUrl) ? { documentation_url: about.documentationUrl } : {}),
  };
}

function toSlug(name: string): string {
  const slug = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/['’]/g, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, SLUG_LENGTH_MAX)
    .replaceAll(/^-+|-+$/g, '');
  return slug.length < NAME_LENGTH_MIN ? `${slug}-api`.replace(/^-/, 'an-') : slug;
}

/**
 * Converts the version in the document, which may consist of numbers or be a date, to a semantic version. Returns 0.1.0
 * for anything else.
 */
export function toVersion(written: string | undefined): string {
  const found = /^v?(\d{1,9})(?:[.-](\d{1,9}))?(?:[.-](\d{1,9}))?(?=$|[-+.\s])(-[0-9A-Za-z.-]{1,64}$)?/i.exec(
    written?.trim() ?? '',
  );
  if (found === null) return '0.1.0';
  const [, major, minor = '0', patch = '0', label = ''] = found;
  return `${Number(major)}.${Number(minor)}.${Number(patch)}${label}`;
}

function isUrl(text: string | undefined): text is string {
  return text !== undefined && text.length <= 2000 && /^https?:\/\//i.test(text) && URL.canParse(text);
}
