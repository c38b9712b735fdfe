import { type ExternalResource, type ExternalResourceTemplate, externalLimits, type Json } from '@toolplane/contracts';
import { cleanText } from './clean-text.ts';
import { cleanShown, type Declared, NotUsable } from './declared.ts';

const URI_LENGTH_MAX = 2000;
const MIME_TYPE = /^[\w.+-]{1,64}\/[\w.+-]{1,64}(?:;[ \w.+="-]{1,128})?$/;
const HASHED = ['name', 'title', 'description', 'mimeType'] as const;

export function cleanResource(declared: Declared): ExternalResource {
  const { uri, name, mimeType } = declared;
  if (typeof uri !== 'string' || uri.length > URI_LENGTH_MAX || !isVisible(uri) || !URL.canParse(uri)) {
    throw new NotUsable('Its URI is not valid');
  }
  return { uri, name: toName(name, uri), ...cleanShown(declared, ['uri', ...HASHED]), ...toMimeType(mimeType) };
}

/** Only the simple expansion `{name}` can be distinguished from the rest of a URI. */
export function cleanResourceTemplate(declared: Declared): ExternalResourceTemplate {
  const { uriTemplate, name, mimeType } = declared;
  if (typeof uriTemplate !== 'string' || uriTemplate.length > URI_LENGTH_MAX || !isVisible(uriTemplate)) {
    throw new NotUsable('Its URI template is not valid');
  }
  const variables = [...uriTemplate.matchAll(/\{([^{}]*)\}/g)].map(([, variable = '']) => variable);
  const text = uriTemplate.replaceAll(/\{[^{}]*\}/g, 'x');
  if (variables.some((variable) => !/^\w{1,64}$/.test(variable)) || /[{}]/.test(text)) {
    throw new NotUsable('Its URI template has expressions other than {name}');
  }
  if (!URL.canParse(text)) throw new NotUsable('Its URI template is not valid');
  return {
    uriTemplate,
    name: toName(name, uriTemplate),
    variables: [...new Set(variables)],
    ...cleanShown(declared, ['uriTemplate', ...HASHED]),
    ...toMimeType(mimeType),
  };
}

function isVisible(text: string): boolean {
  return cleanText(text, { lengthMax: URI_LENGTH_MAX, isOneLine: true }).text === text;
}

function toName(name: Json | undefined, uri: string): string {
  const text = typeof name === 'string' && name !== '' ? name : uri;
  return cleanText(text, { lengthMax: externalLimits.titleLengthMax, isOneLine: true }).text;
}

function toMimeType(mimeType: Json | undefined): { mimeType?: string } {
  return typeof mimeType === 'string' && MIME_TYPE.test(mimeType) ? { mimeType } : {};
}
