import { AppError, errorCodes } from '@toolplane/contracts';
import type { Api } from '@toolplane/service-kit';
import { z } from 'zod';
import type { Principal } from '../access/principal.ts';
import { type Authorizations, CALLBACK_PATH } from './authorizations.ts';

/** RFC 6749, 4.1.2. What a provider adds is its own business. */
const returnSchema = z.looseObject({
  state: z.string().regex(/^[\w-]{43}$/),
  code: z.string().min(1).max(4096).optional(),
  error: z.string().max(200).optional(),
});

/** The page is only read: nothing runs in it, nothing is loaded, and no other page shows it. */
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
};

type Page = { status: number; text: string };

/** Where a browser comes back to after a person has signed in. It has no key: what it may do is in its state. */
export function addCallbackPage(
  api: Api<Principal>,
  { authorizations }: { authorizations: Pick<Authorizations, 'finish' | 'giveUp'> },
): void {
  api.app.get(CALLBACK_PATH, async (req, res) => {
    const { status, text } = await answer(authorizations, req.query);
    res.status(status).set(HEADERS).send(toHtml(text));
  });
}

async function answer(authorizations: Pick<Authorizations, 'finish' | 'giveUp'>, query: unknown): Promise<Page> {
  const returned = returnSchema.safeParse(query);
  if (!returned.success) return { status: 400, text: 'This address is not one that a sign-in leads to.' };
  const { state, code } = returned.data;
  try {
    if (code === undefined || returned.data.error !== undefined) {
      await authorizations.giveUp(state);
      return { status: 400, text: 'The sign-in was refused. Nothing was connected.' };
    }
    await authorizations.finish(state, code);
    return { status: 200, text: 'Connected. You can close this page.' };
  } catch (error) {
    return toPage(error);
  }
}

/** Nothing of what a provider said is shown. */
function toPage(error: unknown): Page {
  if (!(error instanceof AppError)) throw error;
  if (error.code === 'not_found') {
    return { status: 404, text: 'This sign-in has expired or was finished before. Please start it again.' };
  }
  if (errorCodes[error.code].http === 503) {
    return {
      status: 503,
      text: 'Nothing was connected, because a part of the platform does not answer. Please start again.',
    };
  }
  if (error.code === 'internal') throw error;
  return {
    status: 502,
    text: 'The provider did not complete the sign-in. Nothing was connected. Please start it again.',
  };
}

function toHtml(text: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Connection</title></head><body><p>${text}</p></body></html>\n`;
}
