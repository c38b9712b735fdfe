import {
  type ExternalServer,
  externalLimits,
  type Icon,
  isJsonObject,
  type Json,
  type JsonObject,
} from '@toolplane/contracts';
import { digestOf } from '@toolplane/sealing';
import { yieldToEventLoop } from '../yield-to-event-loop.ts';
import { cleanText, type Flag } from './clean-text.ts';
import { isNestedDeeper } from './nesting.ts';

export type Declared = JsonObject;
type LeftOut = ExternalServer['leftOut'][number];
export type DeclaredKind = LeftOut['kind'];

/** The reason why something that a server declares cannot be used; the message is for people. */
export class NotUsable extends Error {}

/**
 * Returns the usable items, masked and cleaned, and the others with the reason. If two items have the same name, the
 * first one is used. Compiling their schemas takes long, so the loop yields to calls in between.
 */
export async function cleanDeclared<Item>(
  items: readonly Json[],
  kind: DeclaredKind,
  redact: (value: Json) => Json,
  clean: (declared: Declared) => Item,
): Promise<{ kept: Item[]; leftOut: LeftOut[] }> {
  const { depthMax } = externalLimits;
  const kept: Item[] = [];
  const leftOut: LeftOut[] = [];
  const names = new Set<string>();
  let since = performance.now();
  for (const item of items) {
    const pause = yieldToEventLoop(since);
    if (pause !== undefined) {
      await pause;
      since = performance.now();
    }
    const name = nameOf(isJsonObject(item) ? item : {}, kind);
    try {
      if (isNestedDeeper(item, depthMax)) throw new NotUsable(`It is nested more than ${depthMax} levels deep`);
      if (name === undefined) throw new NotUsable('It has no name');
      if (names.has(name)) throw new NotUsable('An earlier one has the same name');
      names.add(name);
      kept.push(clean(redact(item) as JsonObject));
    } catch (thrown) {
      if (!(thrown instanceof NotUsable)) throw thrown;
      const shown = cleanText(String(redact(name ?? '')), {
        lengthMax: externalLimits.titleLengthMax,
        isOneLine: true,
      }).text;
      leftOut.push({ kind, name: shown, reason: thrown.message });
    }
  }
  return { kept, leftOut };
}

function nameOf(declared: Declared, kind: DeclaredKind): string | undefined {
  const name = declared[kind === 'resource' ? 'uri' : kind === 'resourceTemplate' ? 'uriTemplate' : 'name'];
  return typeof name === 'string' && name !== '' ? name : undefined;
}

type Shown = { title?: string; description?: string; icons?: Icon[]; digest: string; flags?: Flag[] };

/** Cleans the members that all kinds share. A change of the `hashed` members has to be reviewed. */
export function cleanShown(declared: Declared, hashed: readonly string[]): Shown {
  const title = cleanMember(declared['title'], { lengthMax: externalLimits.titleLengthMax, isOneLine: true });
  const description = cleanMember(declared['description'], { lengthMax: externalLimits.descriptionLengthMax });
  const flags = [...new Set([...(title?.flags ?? []), ...(description?.flags ?? [])])];
  const icons = cleanIcons(declared['icons']);
  return {
    ...(title === undefined ? {} : { title: title.text }),
    ...(description === undefined ? {} : { description: description.text }),
    ...(icons.length === 0 ? {} : { icons }),
    digest: digestOf(Object.fromEntries(hashed.map((key) => [key, declared[key] ?? null]))),
    ...(flags.length === 0 ? {} : { flags }),
  };
}

function cleanMember(value: Json | undefined, limits: { lengthMax: number; isOneLine?: boolean }) {
  return typeof value === 'string' ? cleanText(value, limits) : undefined;
}

const ICONS_MAX = 4;
const ICON_LENGTH_MAX = 8192;

/** Clients load icons, so only image formats are allowed, and no `data:` URL that could contain a script. */
function cleanIcons(value: Json | undefined): Icon[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, ICONS_MAX).flatMap((icon): Icon[] => {
    if (!isJsonObject(icon)) return [];
    const { src, mimeType, sizes, theme } = icon;
    if (typeof src !== 'string' || src.length > ICON_LENGTH_MAX || !ICON.test(src) || !URL.canParse(src)) return [];
    return [
      {
        src,
        ...(typeof mimeType === 'string' && IMAGE.test(mimeType) ? { mimeType } : {}),
        ...(Array.isArray(sizes) && sizes.every(isSize) ? { sizes: sizes.slice(0, ICONS_MAX) } : {}),
        ...(theme === 'light' || theme === 'dark' ? { theme } : {}),
      },
    ];
  });
}

const ICON = /^(?:https:\/\/|data:image\/(?:png|jpeg|webp|gif);base64,)/;
const IMAGE = /^image\/[a-z0-9.+-]{1,64}$/;
const isSize = (value: Json): value is string => typeof value === 'string' && /^(?:any|\d{1,5}x\d{1,5})$/.test(value);
