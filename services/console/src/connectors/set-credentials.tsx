import { DialogButton } from '../parts/dialog-button.tsx';
import type { Authentication } from './connector.ts';
import { CredentialForm } from './credential-form.tsx';
import type { ConnectorInstance } from './instance.ts';

type Parts = {
  instance: ConnectorInstance;
  authentication: Authentication;
  /** Called with the warnings in the answer of the API. */
  onStored: (warnings: string[]) => void;
};

export function SetCredentials({ onStored, ...rest }: Parts) {
  return (
    <DialogButton label="Set credentials" dialog={{ closeOnClickOutside: false, closeOnEscape: false }}>
      {(close) => (
        <CredentialForm
          {...rest}
          onStored={(warnings) => {
            close();
            onStored(warnings);
          }}
        />
      )}
    </DialogButton>
  );
}
