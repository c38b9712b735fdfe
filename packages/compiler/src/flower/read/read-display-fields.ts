import { definedOnly, type Icon } from '@toolplane/contracts';
import type { Part } from '../../document/part.ts';
import type { DisplayFields } from '../model.ts';

const ICONS_MAX = 10;
const SIZES_MAX = 10;

/** No character can match two parts of this pattern, so a text of any length takes only linear time. */
const SRC = /^(?:https:\/\/[^\s/]\S*|data:image\/\S+)$/;
const SRC_RULE = 'An icon must be an https: URL or a data:image/… URL';
const URL_LENGTH_MAX = 2048;
const DATA_LENGTH_MAX = 64 * 1024;
const MIME_TYPE = /^image\/[\w.+-]+$/;
const SIZE = /^(?:\d{1,5}x\d{1,5}|any)$/;

/**
 * Reads what a person sees of an item. `title` is the key of its title: an extension in flows, a plain key elsewhere.
 */
export function readDisplayFields(part: Part, { title: titleKey }: { title: 'title' | 'x-title' }): DisplayFields {
  return definedOnly({
    title: part.member(titleKey)?.text(),
    description: part.member('description')?.text(),
    icons: readIcons(part.member('x-icons')),
  });
}

export function readIcons(part: Part | undefined): Icon[] | undefined {
  const parts = part?.items({ max: ICONS_MAX, what: 'icons' }).filter((icon) => icon.object());
  return parts?.map(readIcon).filter((icon) => icon !== undefined);
}

function readIcon(part: Part): Icon | undefined {
  part.allowKeys(['src', 'mimeType', 'sizes', 'theme']);
  const src = readSource(part.required('src'));
  const mimeType = part
    .member('mimeType')
    ?.textLike(MIME_TYPE, 'invalid_icon', 'This must be an image type', 'For example, write image/png.');
  const sizes = part
    .member('sizes')
    ?.items({ max: SIZES_MAX, what: 'sizes' })
    .map((size) =>
      size.textLike(SIZE, 'invalid_icon', 'A size looks like 48x48, or is any', 'Write the width, x and the height.'),
    );
  const theme = part.member('theme')?.choice(['light', 'dark']);
  if (src === undefined) return undefined;
  return {
    src,
    ...definedOnly({ mimeType, sizes: sizes?.filter((size) => size !== undefined), theme }),
  };
}

function readSource(part: Part | undefined): string | undefined {
  const src = part?.text();
  const lengthMax = src?.startsWith('data:') ? DATA_LENGTH_MAX : URL_LENGTH_MAX;
  if (src !== undefined && src.length > lengthMax) {
    const hint = 'It is sent to every client that lists this: use a smaller image, or the URL of one.';
    part?.error('invalid_icon', `This icon source has more than ${lengthMax} characters`, hint);
    return undefined;
  }
  return part?.textLike(SRC, 'invalid_icon', SRC_RULE, 'For example, write https://…/icon.png.');
}
