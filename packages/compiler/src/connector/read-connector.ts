import type { Diagnostic } from '@toolplane/contracts';
import { Part } from '../document/part.ts';
import { Problems } from '../document/problems.ts';
import { reportTooComplex } from '../document/report-too-complex.ts';
import { withinTime } from '../document/within-time.ts';
import { checkConnector } from './check/check-connector.ts';
import type { Connector } from './descriptor/connector-schema.ts';
import { readShape } from './descriptor/read-shape.ts';
import { readText } from './descriptor/read-text.ts';

/**
 * The time limit of checks; reading has its own limits. Code is generated for the inputs of each tool, and there may be
 * 2000 tools.
 */
export const CONNECTOR_MS_MAX = 12_000;

/**
 * Reads a descriptor without an instance. Reports all problems together; the connector is present only if none of them
 * is an error.
 */
export function readConnector(text: string): { diagnostics: Diagnostic[]; connector?: Connector } {
  const { document, diagnostics: found } = readText(text);
  if (document === undefined) return { diagnostics: found };
  const start = () => new Problems(document.positions, found);
  const read = withinTime(CONNECTOR_MS_MAX, () => {
    const problems = start();
    const draft = readShape(new Part(document.value, '', problems), checkConnector);
    return { draft, problems };
  });
  const { draft, problems } = read ?? { draft: undefined, problems: start() };
  if (read === undefined) reportTooComplex(problems, CONNECTOR_MS_MAX);
  const diagnostics = problems.toList();
  const connector = draft?.connector;
  const isUsable = connector !== undefined && !diagnostics.some(({ severity }) => severity === 'error');
  return { diagnostics, ...(isUsable ? { connector } : {}) };
}
