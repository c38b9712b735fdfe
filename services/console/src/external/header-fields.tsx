import {
  ActionIcon,
  Button,
  CloseIcon,
  Fieldset,
  Group,
  PasswordInput,
  Select,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { useMay } from '../api/session.ts';
import { type HeaderDraft, toFieldName } from './header.ts';

type Parts = { headers: HeaderDraft[]; change: (headers: HeaderDraft[]) => void };

/** Headers that are sent to an external server with every request, such as its API key. */
export function HeaderFields({ headers, change }: Parts) {
  const maySeal = useMay('secrets:write') && isSecureContext;
  const add = () => {
    const key = Math.max(0, ...headers.map((header) => header.key)) + 1;
    change([...headers, { key, name: '', kind: maySeal ? 'sealed' : 'secret', text: '' }]);
  };
  const replace = (header: HeaderDraft) => change(headers.map((each) => (each.key === header.key ? header : each)));
  return (
    <Fieldset legend="Request headers">
      <Stack gap="sm">
        {headers.map((header, index) => (
          <Fields
            key={header.key}
            header={header}
            number={index + 1}
            maySeal={maySeal}
            change={replace}
            remove={() => change(headers.filter(({ key }) => key !== header.key))}
          />
        ))}
        {isSecureContext ? undefined : (
          <Text size="sm">
            Values can be sealed only if this page is opened over https. Here, a header can only name a secret of the
            server.
          </Text>
        )}
        <Group>
          <Button variant="default" size="xs" onClick={add}>
            Add a header
          </Button>
        </Group>
      </Stack>
    </Fieldset>
  );
}

/** A text that refers to no secret may be a secret itself, so the browser does not submit such a form. */
const NAMES_SECRET = '.*\\$secrets\\.[A-Za-z].*';

type FieldParts = {
  header: HeaderDraft;
  number: number;
  maySeal: boolean;
  change: (header: HeaderDraft) => void;
  remove: () => void;
};

function Fields({ header, number, maySeal, change, remove }: FieldParts) {
  const { name, kind, text } = header;
  return (
    <Group align="flex-start" gap="xs">
      <TextInput
        label={`Header ${number}`}
        required
        value={name}
        placeholder="Authorization"
        flex="1 1 120px"
        onChange={({ currentTarget }) => change({ ...header, name: currentTarget.value })}
      />
      <Select
        label={`Value ${number} is`}
        value={kind}
        allowDeselect={false}
        flex="1 1 150px"
        data={[
          { value: 'sealed', label: 'entered and sealed here', disabled: !maySeal },
          { value: 'secret', label: 'a secret of the server' },
        ]}
        onChange={(chosen) => change({ ...header, kind: chosen === 'sealed' ? 'sealed' : 'secret' })}
      />
      {kind === 'sealed' ? (
        <PasswordInput
          label={`Value ${number}`}
          required
          name={toFieldName(header)}
          flex="2 1 160px"
          autoComplete="new-password"
          placeholder="Bearer …"
          visibilityToggleButtonProps={{ 'aria-label': `Show value ${number}` }}
        />
      ) : (
        <TextInput
          label={`Value ${number}`}
          required
          value={text}
          flex="2 1 160px"
          placeholder="Bearer $secrets.NAME"
          pattern={NAMES_SECRET}
          title="Name a secret of the server, as in Bearer $secrets.NAME"
          onChange={({ currentTarget }) => change({ ...header, text: currentTarget.value })}
        />
      )}
      <ActionIcon variant="default" mt={26} size={34} aria-label={`Remove header ${number}`} onClick={remove}>
        <CloseIcon size="16" />
      </ActionIcon>
    </Group>
  );
}
