import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { readSettings, type Settings, type SettingsDraft, saveSettings } from '../api/settings.ts';
import { Button } from '../components/button.tsx';
import { Card } from '../components/card.tsx';
import { Radios } from '../components/choice.tsx';
import { TextInput } from '../components/field.tsx';
import { Page } from '../components/page.tsx';
import { Failure, Loaded } from '../components/states.tsx';
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
  const saved = Object.fromEntries(NUMBERS.map((of) => [of.id, of.read(settings)]));
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>(saved);
  const client = useQueryClient();
  const { say } = useToasts();
  const may = useMay('setup');
  const saving = useMutation({
    mutationFn: (draft: SettingsDraft) => saveSettings(draft),
    onSuccess: () => {
      say('Saved', 'The configuration file was written; its former state is kept beside it.');
      void client.invalidateQueries();
    },
  });
  const draft = draftOf(settings, texts);
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

export function SettingsPage() {
  const settings = useQuery({ queryKey: ['settings'], queryFn: readSettings });
  return (
    <Page about="What stands in the configuration file. Secrets are only named there." title="Settings">
      <ThemeCard />
      <Loaded label="Reading the configuration" lines={8} query={settings}>
        {(data) => (
          <>
            <Numbers key={data.text} settings={data} />
            <Card hint={<span className="mono">{data.path}</span>} title="The file">
              <details>
                <summary>Show it</summary>
                <pre tabIndex={-1}>{data.text}</pre>
              </details>
            </Card>
          </>
        )}
      </Loaded>
    </Page>
  );
}
