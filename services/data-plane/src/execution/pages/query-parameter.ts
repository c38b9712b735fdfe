import { percentEncode } from '../requests/percent-encode.ts';

/** Returns the first parameter of this name, decoded. */
export function readQuery(url: URL, name: string): string | undefined {
  return url.searchParams.get(name) ?? undefined;
}

/** All other parameters keep their encoding, because upstreams differ in how they read them. */
export function withQuery(url: URL, name: string, value: string): URL {
  const others = piecesOf(url).filter((piece) => nameOf(piece) !== name);
  return withPieces(url, [...others, `${percentEncode(name)}=${percentEncode(value)}`]);
}

/** Copies the selected parameters of another URL over those of the request. */
export function withQueryOf(url: URL, other: URL, isCopied: (value: string) => boolean): URL {
  const copied = piecesOf(other).filter((piece) => isCopied(readPiece(piece)[1]));
  if (copied.length === 0) return url;
  const names = new Set(copied.map(nameOf));
  return withPieces(url, [...piecesOf(url).filter((piece) => !names.has(nameOf(piece))), ...copied]);
}

function withPieces(url: URL, pieces: readonly string[]): URL {
  const changed = new URL(url);
  changed.search = pieces.join('&');
  return changed;
}

function piecesOf({ search }: URL): string[] {
  return search
    .slice(1)
    .split('&')
    .filter((piece) => piece !== '');
}

function nameOf(piece: string): string {
  return readPiece(piece)[0];
}

function readPiece(piece: string): [name: string, value: string] {
  const [pair = ['', '']] = new URLSearchParams(piece);
  return pair as [string, string];
}
