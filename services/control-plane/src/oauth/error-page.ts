import type { errors, KoaContextWithOIDC } from 'oidc-provider';
import { type Html, type HtmlPage, html, toNotice } from '../platform/pages/page.ts';
import { findReceiver, showRedirect } from './redirect-uris.ts';

type Reported = { error: string; error_description?: string | undefined };

/**
 * Anybody can register a client, so neither a link to this server nor a refused consent may take a browser to a website
 * or an app of the person who registered it (RFC 9700, 4.11.2): errors are shown to the person, who decides whether to
 * continue. Only a program that listens on the person's machine gets a redirect, because it waits for an answer.
 */
export function keepHere({ oidc }: KoaContextWithOIDC, error: errors.OIDCProviderError): void {
  if (findReceiver(oidc.params?.['redirect_uri']) !== 'loopback') error.allow_redirect = false;
}

/** The page that explains why no client was connected. */
export function toErrorPage(ctx: KoaContextWithOIDC, reported: Reported): HtmlPage {
  const { error, error_description: description } = reported;
  const sentences = [...(description === undefined ? [] : [`${description}.`]), `Error code: ${error}.`];
  // This page replaces a redirect, so it must not have the status of one.
  const status = ctx.status < 400 ? 400 : ctx.status;
  const page =
    error === 'access_denied'
      ? toNotice(status, 'Nothing was connected', 'The program that asked has no access. You can close this page.')
      : toNotice(status, 'This connection cannot be made', ...sentences);
  const back = toWayBack(ctx, reported);
  return back === undefined ? page : { ...page, body: html`${page.body}${back}` };
}

/** The link with the error for the client, if its redirect URI is known to be its own. */
function toWayBack({ oidc }: KoaContextWithOIDC, reported: Reported): Html | undefined {
  const redirectUri = oidc.params?.['redirect_uri'];
  if (typeof redirectUri !== 'string' || !oidc.client?.redirectUriAllowed(redirectUri)) return undefined;
  if (findReceiver(redirectUri) === undefined) return undefined;
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(reported)) if (value !== undefined) url.searchParams.set(name, value);
  return html`<p><a href="${url.href}" rel="noreferrer">Go back to ${showRedirect(redirectUri).receiver}</a>, if you came from there.</p>`;
}
