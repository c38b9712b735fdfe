import { Alert, type ButtonProps } from '@mantine/core';
import type { ReactNode } from 'react';
import { CopiedText } from '../parts/copied-text.tsx';
import { ShownOnceDialog } from '../parts/shown-once-dialog.tsx';

type Parts = Pick<ButtonProps, 'variant'> & {
  label: string;
  title: string;
  isOffered?: boolean;
  isOpenAtFirst?: boolean;
  onLeave?: (() => void) | undefined;
  children: (show: (key: string) => void) => ReactNode;
};

/** The dialog in which a key is created and shown. */
export function KeyDialog(parts: Parts) {
  return <ShownOnceDialog {...parts} titleOfShown="Your new key" shown={(key) => <NewKey value={key} />} />;
}

function NewKey({ value }: { value: string }) {
  return (
    <>
      <Alert color="orange">Copy it now: it is not shown again.</Alert>
      <CopiedText text={value} what="the key" />
    </>
  );
}
