import { defaultHighlightStyle, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';

const ERROR = 'light-dark(var(--mantine-color-red-8), var(--mantine-color-red-4))';
const WARNING = 'light-dark(var(--mantine-color-orange-8), var(--mantine-color-orange-4))';

/** A mark for each severity. Those of the library are `data:` URLs, which the content security policy refuses. */
function sign(text: string, color: string) {
  return { content: 'normal', '&::before': { content: `"${text}"`, color, fontWeight: 700, lineHeight: 1 } };
}

function underline(color: string) {
  return { backgroundImage: 'none', textDecoration: `underline wavy ${color}`, textDecorationSkipInk: 'none' };
}

const look = EditorView.theme({
  '&': {
    color: 'var(--mantine-color-text)',
    backgroundColor: 'var(--mantine-color-body)',
    border: '1px solid var(--mantine-color-default-border)',
    borderRadius: 'var(--mantine-radius-default)',
    fontSize: 'var(--mantine-font-size-sm)',
    maxHeight: '65vh',
    overflow: 'hidden',
  },
  '&.cm-focused': { outline: '2px solid var(--mantine-primary-color-filled)' },
  '.cm-scroller': { fontFamily: 'var(--mantine-font-family-monospace)', lineHeight: 1.6, overflow: 'auto' },
  '.cm-content': { caretColor: 'var(--mantine-color-text)', minHeight: '16rem' },
  '.cm-gutters': {
    color: 'var(--mantine-color-dimmed)',
    backgroundColor: 'var(--mantine-color-body)',
    borderRight: '1px solid var(--mantine-color-default-border)',
  },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--mantine-primary-color-light)' },
  '.cm-tooltip': {
    backgroundColor: 'var(--mantine-color-body)',
    border: '1px solid var(--mantine-color-default-border)',
    maxWidth: 'min(32rem, 90vw)',
  },
  '.cm-lintRange-error': underline(ERROR),
  '.cm-lintRange-warning': underline(WARNING),
  '.cm-lint-marker-error': sign('✕', ERROR),
  '.cm-lint-marker-warning': sign('!', WARNING),
});

// The colours of the library are made for light mode. For dark mode, they are mixed with white.
const highlighting = HighlightStyle.define(
  defaultHighlightStyle.specs.map(({ color, ...spec }) =>
    color === undefined
      ? spec
      : { ...spec, color: `light-dark(${color}, color-mix(in srgb, ${color}, var(--mantine-color-white) 60%))` },
  ),
);

/** Follows the colour scheme of the page, light or dark. */
export const editorTheme: Extension = [look, syntaxHighlighting(highlighting)];
