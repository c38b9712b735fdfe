import type { Plan, PlanRequest } from '@toolplane/contracts';

/**
 * The origins to which plans send requests, including those for tokens and sign-ins, as far as they are known before a
 * call. Without duplicates.
 */
export function listCalledOrigins(plans: readonly Plan[]): string[] {
  return [...new Set(plans.flatMap(listKnownUrls).map(({ origin }) => origin))].toSorted();
}

function listKnownUrls({ steps, connection }: Plan): URL[] {
  const { token, chains = [] } = connection?.authentication ?? {};
  const requests = [
    ...steps.flatMap(({ request }) => request ?? []),
    ...chains.flatMap((chain) => chain.steps.map(({ request }) => request)),
  ];
  const urls = [...requests.map(toKnownUrl), token === undefined ? null : URL.parse(token.tokenUrl)];
  return urls.filter((url) => url !== null);
}

/** Only the text before the first value is known, and it counts only if it extends beyond the host. */
export function toKnownUrl({ url }: PlanRequest): URL | null {
  if (url.kind === 'whole') return null;
  const [start, ...rest] = url.parts;
  if (typeof start !== 'string' || (rest.length > 0 && !/^https?:\/\/[^/?#]+[/?#]/.test(start))) return null;
  return URL.parse(start);
}
