import type { Icon } from '@toolplane/contracts';
import type { Part } from '../../document/part.ts';
import type { Shown } from '../model.ts';

const ICONS_MAX = 10;
const SIZES_MAX = 10;

const SRC = /^(?:https:\/\/[^\s/]+\S*|data:image\/\S+)$/;
const SRC_RULE = 'An icon is an https: URL or a data:image/… one';
const MIME_TYPE = /^image\/[\w.+-]+$/;
const SIZE = /^(?:\d{1,5}x\d{1,5}|any)$/;

/** What a person sees of something. `title` is the key of the title: an extension in flows, a plain one elsewhere. */
export function readShown(part: Part, { title: titleKey }: { title: 'title' | 'x-title' }): Shown {
  const title = part.member(titleKey)?.text();
  const description = part.member('description')?.text();
  const icons = readIcons(part.member('x-icons'));
  return {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(icons === undefined ? {} : { icons }),
  };
}

export function readIcons(part: Part | undefined): Icon[] | undefined {
  const parts = part?.items({ max: ICONS_MAX, what: 'icons' }).filter((icon) => icon.object());
  return parts?.map(readIcon).filter((icon) => icon !== undefined);
}

function readIcon(part: Part): Icon | undefined {
  part.allowKeys(['src', 'mimeType', 'sizes', 'theme']);
  const src = part.required('src')?.textLike(SRC, 'invalid_icon', SRC_RULE, 'Write for instance https://…/icon.png.');
  const mimeType = part
    .member('mimeType')
    ?.textLike(MIME_TYPE, 'invalid_icon', 'This must be the type of an image', 'Write for instance image/png.');
  const sizes = part
    .member('sizes')
    ?.items({ max: SIZES_MAX, what: 'sizes' })
    .map((size) => size.textLike(SIZE, 'invalid_icon', 'A size reads 48x48 or any', 'Write width, x, height.'));
  const theme = part.member('theme')?.choice(['light', 'dark']);
  if (src === undefined) return undefined;
  return {
    src,
    ...(mimeType === undefined ? {} : { mimeType }),
    ...(sizes === undefined ? {} : { sizes: sizes.filter((size) => size !== undefined) }),
    ...(theme === undefined ? {} : { theme }),
  };
}
