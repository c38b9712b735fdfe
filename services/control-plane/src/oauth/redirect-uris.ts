/** The kind of receiver of a redirect URI: a website, a program that listens on the same machine, or an app. */
export type Receiver = 'website' | 'loopback' | 'app';

/** A redirect URI split for display, so that nobody overlooks who receives the code. */
export type ShownRedirect = { before: string; receiver: string; after: string; isOnOwnMachine: boolean };

const LOOPBACKS: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);
/** Visible ASCII, as in every URI (RFC 3986); browsers read `\` as `/`, and drop spaces and control characters. */
const URI = /^[\x21-\x5b\x5d-\x7e]+$/;
/** The owner of a domain uses the reversed domain name as a private-use scheme (RFC 8252, 7.1). */
const REVERSE_DOMAIN = /^[a-z][a-z0-9+-]*(?:\.[a-z0-9][a-z0-9+-]*)+:$/;
/**
 * Schemes without a domain name that widely used MCP clients have registered. They belong to editors, which do not open
 * websites.
 */
const EDITORS: ReadonlySet<string> = new Set(['cursor:', 'vscode:', 'vscode-insiders:', 'windsurf:']);

export const REDIRECT_URI_RULE =
  'each of redirect_uris must use https, http with localhost, 127.0.0.1 or [::1], or the reverse domain name of an app as ' +
  'its scheme (com.example.app:/callback), without user name, password or fragment';

/**
 * Returns undefined for a URI that is not accepted. Other schemes may belong to any program on the machine, and some of
 * these programs open websites (`microsoft-edge:https://…`).
 */
export function findReceiver(redirectUri: unknown): Receiver | undefined {
  if (typeof redirectUri !== 'string' || !URI.test(redirectUri)) return undefined;
  const url = URL.parse(redirectUri);
  if (url === null || url.username !== '' || url.password !== '' || url.href.includes('#')) return undefined;
  if (url.protocol === 'https:') return 'website';
  if (url.protocol === 'http:') return LOOPBACKS.has(url.hostname) ? 'loopback' : undefined;
  return REVERSE_DOMAIN.test(url.protocol) || EDITORS.has(url.protocol) ? 'app' : undefined;
}

/** Shows all parts of an accepted URI. The receiver is the host, or for an app the scheme, whatever follows it. */
export function showRedirect(redirectUri: string): ShownRedirect {
  const { href, host, protocol } = new URL(redirectUri);
  const receiver = findReceiver(redirectUri);
  const isOnOwnMachine = receiver !== 'website';
  if (receiver === 'app') {
    const scheme = protocol.slice(0, -1);
    return { before: '', receiver: scheme, after: href.slice(scheme.length), isOnOwnMachine };
  }
  const before = `${protocol}//`;
  return { before, receiver: host, after: href.slice(before.length + host.length), isOnOwnMachine };
}
