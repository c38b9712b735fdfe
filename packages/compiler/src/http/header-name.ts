import { isHttpToken } from '@toolplane/contracts';

/** Headers that determine how a message is framed, routed or attributed are reserved for the platform. */
const RESERVED =
  /^(?:host|transfer-encoding|content-length|connection|keep-alive|upgrade|te|trailer|expect|cookie|forwarded|proxy-.*|x-forwarded-.*)$/i;

const LENGTH_MAX = 128;

/** Returns the reason why no request can have a header of this name, or undefined if it can be sent. */
export function headerNameProblem(name: string): { code: string; message: string; hint: string } | undefined {
  if (RESERVED.test(name)) {
    return { code: 'reserved_header', message: `The header ${name} is set by the platform`, hint: 'Remove it.' };
  }
  if (isHttpToken(name, LENGTH_MAX)) return undefined;
  return {
    code: 'invalid_header',
    message: 'This is not a valid header name',
    hint: 'Use letters, digits and "-".',
  };
}
