import { Stack } from '@mantine/core';
import type { McpServer } from '@toolplane/api-client';
import { useRef, useState } from 'react';
import { useChange } from '../api/use-api.ts';
import type { CodeEditorRef } from '../documents/code-editor.tsx';
import { DiagnosticList } from '../documents/diagnostic-list.tsx';
import { DocumentEditor } from '../documents/document-editor.tsx';
import { Problem } from '../parts/answers.tsx';
import { ChangedMeanwhile } from '../parts/changed-meanwhile.tsx';
import { isArazzo, type Start } from './draft.ts';
import { DraftActions } from './draft-actions.tsx';
import { check, type DeployOutcome, deploy } from './outcome.ts';
import { SourceDocuments } from './source-documents.tsx';
import { useDraft } from './use-draft.ts';
import { Verdict } from './verdict.tsx';

/** The document of a server can be written, checked and deployed here. */
export function DocumentDraft({ server, start }: { server: McpServer; start: Start }) {
  const { source, isChanged, isOvertaken, write, know, discard } = useDraft(server.id, start);
  const { definition, references } = source;
  const [outcome, setOutcome] = useState<DeployOutcome>();
  const editor = useRef<CodeEditorRef>(null);
  const attempt = useChange({
    change: async (api, action: 'check' | 'deploy') => {
      const done = await (action === 'check' ? check : deploy)(api, server, source);
      // This also runs if the person has opened another tab in the meantime.
      if (done.deploymentId !== undefined) know(done.deploymentId);
      return done;
    },
    outdates: ['/mcp-servers', '/tools'],
    onDone: setOutcome,
  });
  const forget = () => {
    setOutcome(undefined);
    attempt.reset();
  };
  const drop = () => {
    forget();
    discard();
  };
  const hasSources = references.length + start.fetched.length > 0 || isArazzo(definition);
  return (
    <Stack>
      <DraftActions
        underWay={attempt.isPending ? attempt.variables : undefined}
        onAttempt={(action) => {
          forget();
          attempt.mutate(action);
        }}
        onOpen={(text) => {
          forget();
          write({ definition: text });
        }}
        onDiscard={isChanged ? drop : undefined}
      />
      {isOvertaken ? (
        <ChangedMeanwhile what="the document" choice={{ goOn: () => know(start.deploymentId), drop }} />
      ) : undefined}
      {attempt.isError ? <Problem error={attempt.error} /> : undefined}
      {outcome === undefined ? undefined : <Verdict outcome={outcome} definition={definition} />}
      <DocumentEditor
        label="Document"
        value={definition}
        ref={editor}
        diagnostics={outcome?.diagnostics}
        onChange={(text) => write({ definition: text })}
      />
      {outcome === undefined ? undefined : (
        <DiagnosticList diagnostics={outcome.diagnostics} onGoTo={(place) => editor.current?.goTo(place)} />
      )}
      {hasSources ? (
        <SourceDocuments
          references={references}
          fetched={start.fetched}
          onChange={(changed) => write({ references: changed })}
        />
      ) : undefined}
    </Stack>
  );
}
