import { lazy, Suspense } from 'react';
import { Loading, Problem } from '../parts/answers.tsx';
import type { CodeEditorProps } from './code-editor.tsx';

// The editor is larger than any other part of the console, so it is loaded only when a document is shown.
const CodeEditor = lazy(async () => {
  const loaded = await import('./code-editor.tsx').catch(() => undefined);
  return { default: loaded?.CodeEditor ?? NotLoaded };
});

export function DocumentEditor(props: CodeEditorProps) {
  return (
    <Suspense fallback={<Loading />}>
      <CodeEditor {...props} />
    </Suspense>
  );
}

function NotLoaded() {
  return <Problem error={undefined} title="The editor could not be loaded" />;
}
