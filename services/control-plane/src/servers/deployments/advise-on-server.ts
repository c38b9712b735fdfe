import type { CompiledDocument } from '@toolplane/compiler';
import { adviseOnListing, type Listing } from '@toolplane/compiler/advise-on-listing';
import type { Diagnostic } from '@toolplane/contracts';
import type { Transaction } from '../../platform/database/database.ts';
import { readAttachment } from '../external-servers/attached.ts';
import { readSelection, type SelectionState } from '../selected-tools/selected-tools.ts';
import type { Server } from '../server-record.ts';
import { findActiveCompiled } from './store.ts';

/** The document of a server as compiled for it, and the advice on that document. */
export type Advised = {
  /** If it is absent, the document that the server runs is used. */
  document?: CompiledDocument;
  /** Absent if nothing was compiled. */
  diagnostics?: readonly Diagnostic[] | undefined;
};

/**
 * Returns advice on everything that clients of a server see, including the advice on its document. A stopped server
 * gets advice as well, because there is none when it starts.
 */
export async function adviseOnServer(
  tx: Transaction,
  server: Server,
  { document, diagnostics }: Advised = {},
): Promise<Diagnostic[]> {
  if (server.mode === 'SMART') return [...(diagnostics ?? [])];
  const own = document ?? (await findActiveCompiled(tx, server.id));
  const attachment = await readAttachment(tx, server, own);
  return adviseOnListing(toListing(own, await readSelection(tx, server), attachment), server, diagnostics);
}

/** The tools that clients see in mode NORMAL. */
export function toListing(
  own: Pick<CompiledDocument, 'tools'> | undefined,
  { offered }: Pick<SelectionState, 'offered'>,
  attachment: Pick<CompiledDocument, 'tools'> | undefined,
): Listing {
  const namesOf = (shown: Pick<CompiledDocument, 'tools'> | undefined) =>
    shown?.tools.map(({ tool }) => tool.name) ?? [];
  return { own: namesOf(own), selected: offered.map(({ name }) => name), external: namesOf(attachment) };
}
