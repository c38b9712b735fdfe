import { Stack } from '@mantine/core';
import { DocumentEditor } from '../documents/document-editor.tsx';
import type { Start } from './draft.ts';
import { SourceDocuments } from './source-documents.tsx';

/** A document as it was deployed, read-only. */
export function DeployedDocument({ definition, references, fetched }: Omit<Start, 'deploymentId'>) {
  return (
    <Stack>
      <DocumentEditor label="Document" value={definition} isReadOnly />
      {references.length + fetched.length === 0 ? undefined : (
        <SourceDocuments references={references} fetched={fetched} />
      )}
    </Stack>
  );
}
