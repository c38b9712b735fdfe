import { definedOnly } from '@toolplane/contracts';
import type { Part } from '../../document/part.ts';
import type { ArazzoDocument } from '../model.ts';
import { checkAgainstSchema } from '../schema/check-against-schema.ts';
import { allowKeys } from './allow-keys.ts';
import { readComponents } from './read-components.ts';
import { readSettings } from './read-settings.ts';
import { readSources } from './read-sources.ts';
import { readVersion } from './read-version.ts';
import { readWorkflows } from './read-workflows.ts';
import { resolveUrl } from './resolve-url.ts';
import { readProse, requiredText, textMember } from './text-member.ts';

const KEYS = ['$schema', 'arazzo', 'info', 'sourceDescriptions', 'workflows', 'components', 'x-settings'];

type Origin = {
  /** The name of the source description that led here. */
  name?: string;
  /** The location from which the text was loaded; empty if unknown. */
  location: string;
};

/**
 * Reads the form of one document. Reports all of its problems and omits what cannot be used. Returns undefined if the
 * version is unknown, since it determines how to read the document.
 */
export function readArazzo(part: Part, { name, location }: Origin): ArazzoDocument | undefined {
  if (part.object() === undefined) return undefined;
  const minor = readVersion(part.required('arazzo'));
  if (minor === undefined) return undefined;
  allowKeys(part, minor, KEYS, ['$self']);
  const self = readSelf(part, location);
  const baseUri = self ?? location;
  const reading = readComponents(part, minor);
  const document: ArazzoDocument = {
    minor,
    baseUri,
    ...readInfo(part, minor),
    settings: readSettings(part.member('x-settings')),
    sources: readSources(part.required('sourceDescriptions'), minor, baseUri),
    workflows: readWorkflows(part.required('workflows'), reading),
    ...definedOnly({ name, self }),
  };
  checkAgainstSchema(part, minor);
  return document;
}

function readSelf(part: Part, location: string): string | undefined {
  const hint = 'It is the address of the whole document: remove the part that begins with "#".';
  const self = textMember(part, '$self')?.textLike(/^[^#]+$/, 'invalid_self', '"$self" cannot have a fragment', hint);
  return self === undefined ? undefined : resolveUrl(self, location);
}

function readInfo(
  root: Part,
  minor: ArazzoDocument['minor'],
): Pick<ArazzoDocument, 'title' | 'summary' | 'description'> {
  const part = root.required('info');
  if (part?.object() === undefined) return { title: '' };
  allowKeys(part, minor, ['title', 'summary', 'description', 'version']);
  requiredText(part, 'version');
  const [summary, description] = [readProse(part, 'summary'), readProse(part, 'description')];
  return { title: requiredText(part, 'title')?.text() ?? '', ...definedOnly({ summary, description }) };
}
