import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { type Profile, type Profiles, readProfiles, removeProfile } from '../api/profiles.ts';
import { Button } from '../components/button.tsx';
import { Confirm } from '../components/dialog.tsx';
import { Page } from '../components/page.tsx';
import { Failure, Loaded } from '../components/states.tsx';
import { Tabs } from '../components/tabs.tsx';
import { Notice } from '../components/tone.tsx';
import { useMay } from '../shell/session.tsx';
import { plural } from '../words/figures.ts';
import { MappingEditor } from './mapping-editor.tsx';
import { ProfileRules } from './profile-rules.tsx';

interface RemoveProps {
  readonly profile: Profile;
  readonly version: string;
}

function RemoveButton({ profile, version }: RemoveProps) {
  const [asked, setAsked] = useState(false);
  const [, go] = useLocation();
  const client = useQueryClient();
  const removing = useMutation({
    mutationFn: () => removeProfile(profile.name, version),
    onSuccess: () => {
      void client.invalidateQueries();
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

interface ContentProps {
  readonly name: string;
  readonly profiles: Profiles;
}

function Content({ name, profiles: { items, version, defaultProfile } }: ContentProps) {
  const [, go] = useLocation();
  const tab = new URLSearchParams(useSearch()).get('tab') ?? 'rules';
  const profile = items.find((one) => one.name === name);
  const like = profile ?? items.find((one) => one.name === defaultProfile) ?? items[0];
  if (like === undefined) return <Notice title="There is no profile to begin with." tone="warn" />;
  const shown = profile ?? { ...like, written: null };
  const rules = {
    id: 'rules',
    title: 'Rules',
    content: (
      <ProfileRules
        isNew={profile === undefined}
        key={version}
        name={name}
        profile={shown}
        version={version}
      />
    ),
  };
  if (profile === undefined) {
    return (
      <>
        <Notice title="This profile is new." tone="info">
          It exists once you save it, and begins with the rules of the defaults.
        </Notice>
        {rules.content}
      </>
    );
  }
  return (
    <Tabs
      chosen={tab}
      label={`Profile ${name}`}
      onChoose={(id) => go(`/profiles/${name}?tab=${id}`, { replace: true })}
      pages={[
        rules,
        { id: 'contact', title: 'Contact fields', content: <MappingEditor profile={profile} /> },
      ]}
    />
  );
}

export function ProfilePage({ name }: { readonly name: string }) {
  const profiles = useQuery({ queryKey: ['profiles'], queryFn: readProfiles });
  const profile = profiles.data?.items.find((one) => one.name === name);
  const may = useMay('setup');
  const canRemove = may && profile !== undefined && profile.written !== null;
  return (
    <Page
      about={profile?.description ?? <Link href="/profiles">All profiles</Link>}
      actions={canRemove && <RemoveButton profile={profile} version={profiles.data?.version ?? ''} />}
      title={`Profile ${name}`}
    >
      <Loaded label="Reading the profile" lines={14} query={profiles}>
        {(data) => <Content name={name} profiles={data} />}
      </Loaded>
    </Page>
  );
}
