import { type CSSVariablesResolver, createTheme, Drawer, Modal } from '@mantine/core';

/** For dialogs, because the close button of Mantine has no name. */
const closeButtonProps = { 'aria-label': 'Close' };

/** The darker shades have the contrast of 4.5 to 1 that text on them requires (WCAG 2.2, 1.4.3). */
export const theme = createTheme({
  primaryColor: 'blue',
  primaryShade: { light: 8, dark: 8 },
  autoContrast: true,
  fontFamily: 'system-ui, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Modal: Modal.extend({ defaultProps: { closeButtonProps } }),
    Drawer: Drawer.extend({ defaultProps: { closeButtonProps } }),
  },
});

const COLORS = ['blue', 'gray', 'green', 'orange', 'red', 'teal'];

/** Mantine's own colours for dimmed texts, errors and badges are too light on white, and some are too dark on black. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--page-background': 'var(--mantine-color-gray-0)',
    '--mantine-color-dimmed': 'var(--mantine-color-gray-7)',
    '--mantine-color-placeholder': mix('gray-6', 'gray-7'),
    '--mantine-color-error': 'var(--mantine-color-red-9)',
    '--mantine-color-red-outline': 'var(--mantine-color-red-9)',
    ...Object.fromEntries(COLORS.map((color) => [`--mantine-color-${color}-light-color`, darken(color)])),
  },
  dark: {
    '--page-background': 'var(--mantine-color-dark-8)',
    '--mantine-color-dimmed': 'var(--mantine-color-dark-1)',
    '--mantine-color-placeholder': mix('dark-1', 'dark-2'),
    '--mantine-color-error': 'var(--mantine-color-red-5)',
  },
});

function mix(one: string, other: string): string {
  return `color-mix(in srgb, var(--mantine-color-${one}), var(--mantine-color-${other}))`;
}

function darken(color: string): string {
  return `color-mix(in srgb, var(--mantine-color-${color}-9), black 30%)`;
}
