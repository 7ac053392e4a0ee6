import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import {
  type Profile,
  type ProfileDraft,
  readProfiles,
  removeProfile,
  saveProfile,
} from '../api/profiles.ts';
import { Button } from '../components/button.tsx';
import { Confirm } from '../components/dialog.tsx';
import { Page } from '../components/page.tsx';
import { Failure, Loaded } from '../components/states.tsx';
import { Tabs } from '../components/tabs.tsx';
import { useToasts } from '../components/toast.tsx';
import { Notice } from '../components/tone.tsx';
import { useMay } from '../shell/session.tsx';
import { plural } from '../words/figures.ts';
import { DEFAULT_DRAFT } from '../words/profile-words.ts';
import { MappingEditor } from './mapping-editor.tsx';
import { ContactFields, EventFields } from './profile-fields.tsx';

interface RulesProps {
  readonly name: string;
  /** Undefined: it is new. */
  readonly profile: Profile | undefined;
}

const draftOf = ({ description, contacts, events }: Profile): ProfileDraft => ({
  description,
  contacts,
  events,
});

function Rules({ name, profile }: RulesProps) {
  const saved = profile === undefined ? DEFAULT_DRAFT : draftOf(profile);
  const [draft, setDraft] = useState<ProfileDraft>(saved);
  const client = useQueryClient();
  const { say } = useToasts();
  const may = useMay('setup');
  const saving = useMutation({
    mutationFn: () => saveProfile(name, draft),
    onSuccess: () => {
      say(`Profile ${name} saved`, 'Both sides are read completely once; nothing is deleted because of it.');
      void client.invalidateQueries({ queryKey: ['profiles'] });
    },
  });
  const changed = profile === undefined || JSON.stringify(draft) !== JSON.stringify(saved);
  return (
    <div className="stack">
      {saving.error !== null && <Failure error={saving.error} />}
      <ContactFields draft={draft} onChange={setDraft} />
      <EventFields draft={draft} onChange={setDraft} />
      {may ? (
        <div className="save-bar">
          <span className="muted">{changed ? 'Not saved yet.' : 'Saved.'}</span>
          <Button disabled={!changed} onPress={() => setDraft(saved)}>
            Take back
          </Button>
          <Button busy={saving.isPending} disabled={!changed} kind="primary" onPress={() => saving.mutate()}>
            Save
          </Button>
        </div>
      ) : (
        <p className="muted">Somebody with the role setup can change this.</p>
      )}
    </div>
  );
}

function RemoveButton({ profile }: { readonly profile: Profile }) {
  const [asked, setAsked] = useState(false);
  const [, go] = useLocation();
  const client = useQueryClient();
  const removing = useMutation({
    mutationFn: () => removeProfile(profile.name),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['profiles'] });
      go('/profiles');
    },
  });
  return (
    <>
      <Button kind="danger" onPress={() => setAsked(true)}>
        Remove
      </Button>
      <Confirm
        action="Remove the profile"
        busy={removing.isPending}
        kind="danger"
        onClose={() => setAsked(false)}
        onConfirm={() => removing.mutate()}
        open={asked}
        title={`Remove ${profile.name}?`}
      >
        {removing.error !== null && <Failure error={removing.error} />}
        <p>
          {plural(profile.mailboxes, 'mailbox follows', 'mailboxes follow')} it. Their pairs rest until
          another rule names them; nothing is deleted on either side.
        </p>
      </Confirm>
    </>
  );
}

export function ProfilePage({ name }: { readonly name: string }) {
  const profiles = useQuery({ queryKey: ['profiles'], queryFn: readProfiles });
  const [, go] = useLocation();
  const tab = new URLSearchParams(useSearch()).get('tab') ?? 'rules';
  const profile = profiles.data?.find((one) => one.name === name);
  const may = useMay('setup');
  const canRemove = may && profile !== undefined && !profile.isDefault;
  return (
    <Page
      about={<Link href="/profiles">All profiles</Link>}
      actions={canRemove && <RemoveButton profile={profile} />}
      title={`Profile ${name}`}
    >
      <Loaded label="Reading the profile" lines={10} query={profiles}>
        {() => (
          <>
            {profile === undefined && (
              <Notice title="This profile is new." tone="info">
                It exists once you save it.
              </Notice>
            )}
            <Tabs
              chosen={tab}
              label={`Profile ${name}`}
              onChoose={(id) => go(`/profiles/${name}?tab=${id}`, { replace: true })}
              pages={[
                {
                  id: 'rules',
                  title: 'Rules',
                  content: <Rules key={profile?.name ?? 'new'} name={name} profile={profile} />,
                },
                {
                  id: 'contact',
                  title: 'Contact fields',
                  content: <MappingEditor kind="contact" profile={name} />,
                },
                {
                  id: 'event',
                  title: 'Event fields',
                  content: <MappingEditor kind="event" profile={name} />,
                },
              ]}
            />
          </>
        )}
      </Loaded>
    </Page>
  );
}
