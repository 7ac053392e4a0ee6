import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { History } from 'lucide-react';
import { useState } from 'react';
import {
  readEarlier,
  readFile,
  readSettings,
  restoreSettings,
  type Settings,
  type SettingsDraft,
  saveSettings,
} from '../api/settings.ts';
import { Button } from '../components/button.tsx';
import { Card } from '../components/card.tsx';
import { Radios } from '../components/choice.tsx';
import { TextInput } from '../components/field.tsx';
import { Stamp } from '../components/moment.tsx';
import { Page } from '../components/page.tsx';
import { Empty, Failure, Loaded } from '../components/states.tsx';
import { Table } from '../components/table.tsx';
import { useToasts } from '../components/toast.tsx';
import { useMay } from '../shell/session.tsx';
import { chooseTheme, storedTheme, THEMES } from '../shell/theme.ts';
import { draftOf, NUMBERS, type NumberSetting } from '../words/setting-numbers.ts';

const THEME_WORDS = { system: 'Like the system', light: 'Light', dark: 'Dark' } as const;
const THEME_CHOICES = THEMES.map((id) => ({ id, label: THEME_WORDS[id] }));

function ThemeCard() {
  const [theme, setTheme] = useState(storedTheme);
  return (
    <Card hint="In this browser only" title="Appearance">
      <Radios
        choices={THEME_CHOICES}
        label="Colours"
        onChange={(chosen) => {
          chooseTheme(chosen);
          setTheme(chosen);
        }}
        value={theme}
      />
    </Card>
  );
}

interface NumberFieldProps {
  readonly of: NumberSetting;
  readonly text: string;
  readonly onChange: (text: string) => void;
}

function NumberField({ of, text, onChange }: NumberFieldProps) {
  return (
    <TextInput
      error={of.problem(text) ?? undefined}
      hint={of.hint}
      label={of.label}
      onChange={onChange}
      value={text}
    />
  );
}

function Numbers({ settings }: { readonly settings: Settings }) {
  const saved = Object.fromEntries(NUMBERS.map((of) => [of.id, of.read(settings.settings)]));
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>(saved);
  const client = useQueryClient();
  const { say } = useToasts();
  const may = useMay('setup');
  const saving = useMutation({
    mutationFn: (draft: SettingsDraft) => saveSettings(draft, settings.version),
    onSuccess: () => {
      say('Saved', 'The configuration file was written; its former state is kept beside it.');
      void client.invalidateQueries();
    },
  });
  const draft = draftOf(texts);
  const changed = JSON.stringify(texts) !== JSON.stringify(saved);
  return (
    <Card
      foot={
        may && (
          <>
            <span>{changed ? 'Not saved yet.' : 'Saved.'}</span>
            <span className="row">
              <Button disabled={!changed} onPress={() => setTexts(saved)} small>
                Take back
              </Button>
              <Button
                busy={saving.isPending}
                disabled={!changed || draft === null}
                kind="primary"
                onPress={() => {
                  if (draft !== null) saving.mutate(draft);
                }}
                small
              >
                Save
              </Button>
            </span>
          </>
        )
      }
      hint="What holds for every profile that says nothing else"
      title="Rules for all"
    >
      {saving.error !== null && <Failure error={saving.error} />}
      <div className="grid-2">
        {NUMBERS.map((of) => (
          <NumberField
            key={of.id}
            of={of}
            onChange={(text) => setTexts({ ...texts, [of.id]: text })}
            text={texts[of.id] ?? ''}
          />
        ))}
      </div>
    </Card>
  );
}

function FileCard({ settings: { file, version } }: { readonly settings: Settings }) {
  const [open, setOpen] = useState(false);
  const text = useQuery({ queryKey: ['settings', 'file', version], queryFn: readFile, enabled: open });
  return (
    <Card
      action={
        <Button onPress={() => setOpen(!open)} small>
          {open ? 'Hide it' : 'Show it'}
        </Button>
      }
      hint={<span className="mono break">{file}</span>}
      title="The configuration file"
    >
      {open ? (
        <Loaded label="Reading the file" query={text}>
          {(data) => (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a long file scrolls, and with the keyboard it has to be reached for that
            <pre className="file" tabIndex={0}>
              {data.text}
            </pre>
          )}
        </Loaded>
      ) : (
        <p className="muted">Secrets are only named in it.</p>
      )}
    </Card>
  );
}

function EarlierCard({ version }: { readonly version: string }) {
  const client = useQueryClient();
  const { say, fail } = useToasts();
  const earlier = useQuery({ queryKey: ['settings', 'versions'], queryFn: readEarlier });
  const restoring = useMutation({
    mutationFn: (id: string) => restoreSettings(id, version),
    onSuccess: () => {
      say('The earlier configuration is in force again.');
      void client.invalidateQueries();
    },
    onError: fail,
  });
  return (
    <Card flush hint="Each state that was replaced is kept" title="Earlier configurations">
      <Loaded label="Reading earlier configurations" lines={3} query={earlier}>
        {(items) => (
          <Table
            columns={[
              {
                key: 'until',
                title: 'In force until',
                heading: true,
                cell: ({ until }) => <Stamp at={until} />,
              },
              {
                key: 'restore',
                title: '',
                cell: ({ id }) => (
                  <Button
                    disabled={restoring.isPending}
                    kind="quiet"
                    onPress={() => restoring.mutate(id)}
                    small
                  >
                    Put in force again
                  </Button>
                ),
              },
            ]}
            empty={<Empty icon={History} title="Nothing was replaced yet" />}
            keyOf={({ id }) => id}
            label="Earlier configurations, latest first"
            rows={items.slice(0, 20)}
          />
        )}
      </Loaded>
    </Card>
  );
}

export function SettingsPage() {
  const settings = useQuery({ queryKey: ['settings'], queryFn: readSettings });
  const may = useMay('setup');
  return (
    <Page about="What stands in the configuration file. Secrets are only named there." title="Settings">
      <ThemeCard />
      <Loaded label="Reading the configuration" lines={12} query={settings}>
        {(data) => (
          <>
            <Numbers key={data.version} settings={data} />
            {may && (
              <>
                <FileCard settings={data} />
                <EarlierCard version={data.version} />
              </>
            )}
          </>
        )}
      </Loaded>
    </Page>
  );
}
