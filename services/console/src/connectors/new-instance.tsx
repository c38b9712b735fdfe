import type { ConnectorDetail } from '@toolplane/api-client';
import { useNavigate, useParams } from 'react-router';
import { useChange } from '../api/use-api.ts';
import { DialogButton } from '../parts/dialog-button.tsx';
import { OUTDATED_BY_INSTANCES } from './instance.ts';
import { InstanceForm, type InstanceSettings } from './instance-form.tsx';

export function NewInstance({ connector }: { connector: ConnectorDetail }) {
  return (
    <DialogButton label="New instance" title={`New instance of ${connector.name}`}>
      {() => <Form connector={connector} />}
    </DialogButton>
  );
}

function Form({ connector }: { connector: ConnectorDetail }) {
  const { workspaceId } = useParams();
  const navigate = useNavigate();
  const create = useChange({
    change: async (api, settings: InstanceSettings) => {
      const body = { connector: connector.slug, ...settings };
      return (await api.POST('/connector-instances', { body })).data;
    },
    outdates: OUTDATED_BY_INSTANCES,
    onDoneHere: ({ id }) => navigate(`/${workspaceId}/instances/${id}`),
  });
  return <InstanceForm connector={connector} change={create} button="Create instance" />;
}
