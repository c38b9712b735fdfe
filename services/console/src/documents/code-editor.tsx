import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { bracketMatching } from '@codemirror/language';
import { lintGutter, nextDiagnostic, setDiagnostics } from '@codemirror/lint';
import { Annotation, EditorState, type Extension } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import type { Diagnostic } from '@toolplane/contracts';
import {
  type Ref,
  useEffect,
  useEffectEvent,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { readStyleNonce } from '../style-nonce.ts';
import { editorTheme } from './editor-theme.ts';
import { findOffset, type TextPosition, toMarks } from './places.ts';

export type CodeEditorRef = { goTo(place: TextPosition): void };

export type CodeEditorProps = {
  label: string;
  value: string;
  diagnostics?: readonly Diagnostic[] | undefined;
  isReadOnly?: boolean;
  onChange?: (value: string) => void;
  ref?: Ref<CodeEditorRef>;
};

/** Marks a change that was not typed. */
const FromOutside = Annotation.define<true>();

const NONE: readonly Diagnostic[] = [];

/** An editor for YAML, and for JSON, which is also YAML. The Tab key leaves the editor, as in any other field. */
export function CodeEditor({ label, value, diagnostics = NONE, isReadOnly = false, onChange, ref }: CodeEditorProps) {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<EditorView>();
  const typed = useEffectEvent((text: string) => onChange?.(text));
  const readValue = useEffectEvent(() => value);
  const extensions = useMemo(() => extend(label, isReadOnly), [label, isReadOnly]);

  useEffect(() => {
    if (box.current === null) return;
    const listener = EditorView.updateListener.of(({ docChanged, transactions, state }) => {
      const isTyped = transactions.every((transaction) => transaction.annotation(FromOutside) === undefined);
      if (docChanged && isTyped) typed(state.doc.toString());
    });
    const made = new EditorView({ parent: box.current, doc: readValue(), extensions: [extensions, listener] });
    setView(made);
    return () => made.destroy();
  }, [extensions]);
  // Runs before the next key is pressed: otherwise, an older text would overwrite what that key typed.
  useLayoutEffect(() => view && replace(view, value), [view, value]);
  useEffect(
    () => view?.dispatch(setDiagnostics(view.state, toMarks(view.state.doc, diagnostics))),
    [view, diagnostics],
  );
  useImperativeHandle(ref, () => ({ goTo: (place) => view && goTo(view, place) }), [view]);
  return <div ref={box} />;
}

/**
 * Replaces a selection with typed text. For a selection of several lines, a browser would preserve their appearance
 * with inline styles, which the content security policy of the page refuses.
 */
const typeOver = EditorView.domEventHandlers({
  beforeinput: (event, view) => {
    const { state } = view;
    const isPlain = event.inputType === 'insertText' && event.data !== null && !event.isComposing;
    if (!isPlain || state.readOnly || state.selection.main.empty) return false;
    view.dispatch(state.update(state.replaceSelection(event.data), { userEvent: 'input.type', scrollIntoView: true }));
    return true;
  },
});

function extend(label: string, isReadOnly: boolean): Extension {
  return [
    EditorView.cspNonce.of(readStyleNonce()),
    editorTheme,
    yaml(),
    lintGutter(),
    lineNumbers(),
    bracketMatching(),
    typeOver,
    history(),
    keymap.of([...defaultKeymap, ...historyKeymap, { key: 'F8', run: nextDiagnostic }]),
    EditorState.readOnly.of(isReadOnly),
    EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
  ];
}

/** The replacement can be undone, like typed text. */
function replace(view: EditorView, value: string): void {
  const { state } = view;
  // Both kinds of line endings are considered equal here.
  if (state.toText(value).eq(state.doc)) return;
  view.dispatch({ changes: { from: 0, to: state.doc.length, insert: value }, annotations: FromOutside.of(true) });
}

function goTo(view: EditorView, place: TextPosition): void {
  const anchor = findOffset(view.state.doc, place);
  view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: 'center' }) });
  view.focus();
}
