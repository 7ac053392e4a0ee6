import { Signpost } from 'lucide-react';
import { LinkButton } from '../components/button.tsx';
import { Page } from '../components/page.tsx';
import { Empty } from '../components/states.tsx';

export function NoPage() {
  return (
    <Page title="No such page">
      <div className="card">
        <Empty
          action={<LinkButton href="/">To the overview</LinkButton>}
          icon={Signpost}
          title="Nothing lives here"
        >
          The address may be old or mistyped. Every page stands in the list at the side.
        </Empty>
      </div>
    </Page>
  );
}
