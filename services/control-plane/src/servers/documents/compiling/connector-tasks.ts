import { hash } from 'node:crypto';
import {
  type Connector,
  connectorToOpenApi,
  diffConnectors,
  type ImportOptions,
  importOpenApi,
  readConnector,
} from '@toolplane/compiler';
import { AppError, type Diagnostic } from '@toolplane/contracts';
import { toConnectorSummary } from '../../../catalogue/connector-summary.ts';
import { tooComplex } from './too-complex.ts';

/** The work that task processes do on descriptors, and on OpenAPI documents that become descriptors. */

export type ConnectorAnswer = {
  diagnostics: Diagnostic[];
  /** Absent if the descriptor has errors. */
  descriptor?: ReadDescriptor;
};

/** A descriptor without errors, as stored for a version of a connector. */
export type ReadDescriptor = {
  slug: string;
  version: string;
  name: string;
  description: string;
  publisher: string;
  categories: string[];
  tags: string[];
  toolsCount: number;
  sha256: string;
  /** The JSON of the `ConnectorSummary`. */
  summary: string;
};

export type ImportTask = { text: string; options: ImportOptions };

export type ImportAnswer = {
  diagnostics: Diagnostic[];
  /** Absent if nothing can be imported. */
  descriptor?: string;
  imported: number;
  skipped: { operation: string; reason: string }[];
};

export type DiffTask = { before: string; after: string };

export type DiffAnswer = {
  isBreaking: boolean;
  /** The number of all changes, including those beyond the first thousand. */
  changesCount: number;
  changes: { kind: 'added' | 'removed' | 'changed'; path: string; isBreaking: boolean; message: string }[];
};

/**
 * The limit is large because the summary and the OpenAPI document repeat most of a descriptor, in part with names
 * instead of references.
 */
const MADE_LENGTH_MAX = 32 * 1024 * 1024;
/** A larger text would not be accepted as a descriptor. */
const DESCRIPTOR_LENGTH_MAX = 16 * 1024 * 1024;
const CHANGES_MAX = 1000;

export function runConnectorTask(text: string): ConnectorAnswer {
  const { diagnostics, connector } = readConnector(text);
  if (connector === undefined) return { diagnostics };
  const summary = toConnectorSummary(connector);
  const { slug, version, name, description, publisher, categories, tags } = connector.metadata;
  return {
    diagnostics,
    descriptor: {
      slug,
      version,
      categories,
      name: toColumn(name),
      description: toColumn(description),
      publisher: toColumn(publisher),
      tags: tags.map(toColumn),
      toolsCount: summary.tools.length,
      sha256: hash('sha256', text, 'hex'),
      summary: JSON.stringify(summary),
    },
  };
}

export function runImportTask({ text, options }: ImportTask): ImportAnswer {
  const { diagnostics, descriptor, imported, skipped } = importOpenApi(text, options);
  if (descriptor === undefined) return { diagnostics, imported: 0, skipped };
  if (Buffer.byteLength(descriptor) > DESCRIPTOR_LENGTH_MAX) {
    const hint = 'Import fewer operations: name them, or their tags, in the options.';
    const problem = tooComplex('The descriptor would be larger than 16 MiB', hint);
    return { diagnostics: [...diagnostics, problem], imported: 0, skipped };
  }
  return { diagnostics, descriptor, imported, skipped };
}

/** Returns the document as text, because the caller only passes it on. */
export function runOpenApiTask(text: string): string {
  const made = JSON.stringify(connectorToOpenApi(getConnector(text)));
  if (made.length > MADE_LENGTH_MAX)
    throw new AppError('output_too_large', 'The OpenAPI document is larger than 32 MiB');
  return made;
}

export function runDiffTask({ before, after }: DiffTask): DiffAnswer {
  const { isBreaking, changes } = diffConnectors(getConnector(before), getConnector(after));
  return { isBreaking, changesCount: changes.length, changes: changes.slice(0, CHANGES_MAX) };
}

/** A stored descriptor was valid when it was registered, but perhaps only for an older compiler. */
function getConnector(text: string): Connector {
  const { connector } = readConnector(text);
  if (connector !== undefined) return connector;
  throw new AppError('invalid_document', 'The descriptor breaks a rule that is newer than it; register a new version');
}

/** PostgreSQL cannot store U+0000. */
function toColumn(text: string): string {
  return text.replaceAll('\0', '\uFFFD');
}
