import { type ComponentType, type LazyExoticComponent, lazy } from 'react';
import { Route, Switch, useParams } from 'wouter';

type Loaded<P> = LazyExoticComponent<ComponentType<P>>;

const page = <P,>(load: () => Promise<ComponentType<P>>): Loaded<P> =>
  lazy(async () => ({ default: await load() }));

const Overview = page(async () => (await import('./pages/overview.tsx')).OverviewPage);
const Activity = page(async () => (await import('./pages/activity.tsx')).ActivityPage);
const Reviews = page(async () => (await import('./pages/reviews.tsx')).ReviewsPage);
const Items = page(async () => (await import('./pages/items.tsx')).ItemsPage);
const Item = page(async () => (await import('./pages/item.tsx')).ItemPage);
const History = page(async () => (await import('./pages/history.tsx')).HistoryPage);
const Run = page(async () => (await import('./pages/run.tsx')).RunPage);
const Health = page(async () => (await import('./pages/health.tsx')).HealthPage);
const Connections = page(async () => (await import('./pages/connections.tsx')).ConnectionsPage);
const Reach = page(async () => (await import('./pages/reach.tsx')).ReachPage);
const Mailboxes = page(async () => (await import('./pages/mailboxes.tsx')).MailboxesPage);
const Profiles = page(async () => (await import('./pages/profiles.tsx')).ProfilesPage);
const Profile = page(async () => (await import('./pages/profile.tsx')).ProfilePage);
const Plans = page(async () => (await import('./pages/plans.tsx')).PlansPage);
const Plan = page(async () => (await import('./pages/plan.tsx')).PlanPage);
const Audit = page(async () => (await import('./pages/audit.tsx')).AuditPage);
const Users = page(async () => (await import('./pages/users.tsx')).UsersPage);
const SettingsView = page(async () => (await import('./pages/settings.tsx')).SettingsPage);
const NoPage = page(async () => (await import('./pages/no-page.tsx')).NoPage);

function AnItem() {
  const { id = '' } = useParams();
  return <Item id={id} key={id} />;
}

function ARun() {
  const { id = '' } = useParams();
  return <Run key={id} runId={id} />;
}

function APlan() {
  const { id = '' } = useParams();
  return <Plan id={id} key={id} />;
}

function AProfile() {
  const { name = '' } = useParams();
  return <Profile key={name} name={name} />;
}

/** Which page stands at which address. */
export function Routes() {
  return (
    <Switch>
      <Route component={Overview} path="/" />
      <Route component={Overview} path="/setup" />
      <Route component={Overview} path="/password" />
      <Route component={Activity} path="/activity" />
      <Route component={Reviews} path="/reviews" />
      <Route component={AnItem} path="/items/:id" />
      <Route component={Items} path="/items" />
      <Route component={ARun} path="/history/:id" />
      <Route component={History} path="/history" />
      <Route component={Health} path="/health" />
      <Route component={Connections} path="/connections" />
      <Route component={Reach} path="/reach" />
      <Route component={Mailboxes} path="/mailboxes" />
      <Route component={AProfile} path="/profiles/:name" />
      <Route component={Profiles} path="/profiles" />
      <Route component={APlan} path="/plan/:id" />
      <Route component={Plans} path="/plan" />
      <Route component={Audit} path="/audit" />
      <Route component={Users} path="/users" />
      <Route component={SettingsView} path="/settings" />
      <Route component={NoPage} />
    </Switch>
  );
}
