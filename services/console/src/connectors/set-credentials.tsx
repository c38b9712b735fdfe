import type { Authentication, ConnectorInstance } from '@toolplane/api-client';
import { DialogButton } from '../parts/dialog-button.tsx';
import { CredentialForm } from './credential-form.tsx';

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
