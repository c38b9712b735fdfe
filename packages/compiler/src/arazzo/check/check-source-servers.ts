import type { Part } from '../../document/part.ts';
import { suggestName } from '../../document/suggest-name.ts';
import type { ArazzoDocument } from '../model.ts';
import type { LoadedSources } from '../sources/load-sources.ts';

/** Warns of server settings for sources that no document has, because they have no effect. */
export function checkSourceServers(
  root: Part,
  sourceServers: Readonly<Record<string, string>>,
  document: ArazzoDocument,
  sources: LoadedSources,
): void {
  const known = listNames(document, sources);
  for (const name of Object.keys(sourceServers)) {
    if (known.has(name)) continue;
    const message = `sourceServers has "${name}", but there is no such source description`;
    const hint = suggestName(name, [...known], 'Available');
    root.problems.warn('unknown_source', '/sourceDescriptions', message, hint, { at: 'key' });
  }
}

/** Lists sources by their own names. Sources of sources are also listed with the name of their document. */
function listNames(deployed: ArazzoDocument, ofDeployed: LoadedSources): Set<string> {
  const names = new Set<string>();
  const documents = new Map([[deployed, ofDeployed]]);
  for (const [document, sources] of documents) {
    for (const { name } of document.sources) {
      const source = sources.get(name);
      if (source?.kind === 'arazzo') {
        documents.set(source.document, source.sources);
        continue;
      }
      names.add(name);
      if (document.name !== undefined) names.add(`${document.name}.${name}`);
    }
  }
  return names;
}
