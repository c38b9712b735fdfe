import { type ErrorCode, notValid } from '@toolplane/contracts';
import { nearestSlugs } from '../../catalogue/nearest-slugs.ts';
import type { ExternalConfig } from './external-config.ts';
import type { Inspection } from './inspect.ts';

/** Errors that are caused by the URL rather than by the server, and that a repetition does not resolve. */
const OF_THE_URL: ReadonlySet<ErrorCode> = new Set(['egress_denied', 'invalid_upstream_request']);
/** Limit of the names with suggestions: each of these names is compared with all tools of the server. */
const SUGGESTED_FOR_MAX = 20;

type Detail = { path: string; message: string; suggestions?: string[] };

/**
 * Refuses URLs that may not be requested, and names of tools that a responding server does not have. Names that were
 * accepted earlier stay valid, because such a tool may be missing only temporarily.
 */
export function refuseConfigs(
  seen: readonly { config: ExternalConfig; inspection: Inspection; toolsBefore: readonly string[] }[],
): void {
  const details = seen.flatMap(({ config, inspection, toolsBefore }, index) => {
    const path = `body.externalMcpConfigs.${index}`;
    if (inspection.state === 'ok') return listUnknown(config.tools, toolsBefore, inspection, path);
    return OF_THE_URL.has(inspection.code) ? [{ path: `${path}.url`, message: inspection.message }] : [];
  });
  if (details.length > 0) throw notValid(details);
}

function listUnknown(
  tools: readonly string[],
  toolsBefore: readonly string[],
  { declared }: Extract<Inspection, { state: 'ok' }>,
  path: string,
): Detail[] {
  const names = declared.tools.map(({ name }) => name);
  const known = new Set(['*', ...names, ...toolsBefore]);
  const reasons = new Map(declared.leftOut.map(({ kind, name, reason }) => [`${kind} ${name}`, reason]));
  const details: Detail[] = [];
  for (const [index, name] of tools.entries()) {
    if (known.has(name)) continue;
    const reason = reasons.get(`tool ${name}`);
    const at = `${path}.tools.${index}`;
    if (reason !== undefined) details.push({ path: at, message: `cannot be offered: ${reason}` });
    else {
      const suggestions = details.length < SUGGESTED_FOR_MAX ? nearestSlugs(name, names) : [];
      details.push({ path: at, message: 'is not a tool of this server', suggestions });
    }
  }
  return details;
}
