import {
  Activity,
  BookOpenCheck,
  Cable,
  ClipboardList,
  Gauge,
  History,
  House,
  type LucideIcon,
  Mails,
  MessageCircleQuestion,
  Radar,
  Search,
  Settings,
  SlidersHorizontal,
  Users,
} from 'lucide-react';
import type { Role } from '../api/session.ts';

export interface Place {
  readonly href: string;
  readonly title: string;
  readonly icon: LucideIcon;
  /** Whoever may less does not see it. */
  readonly role: Role;
}

export interface PlaceGroup {
  readonly title: string;
  readonly places: readonly Place[];
}

const viewer = 'viewer';

export const PLACES: readonly PlaceGroup[] = [
  {
    title: 'Every day',
    places: [
      { href: '/', title: 'Overview', icon: House, role: viewer },
      { href: '/activity', title: 'Activity', icon: Activity, role: viewer },
      { href: '/reviews', title: 'Review', icon: MessageCircleQuestion, role: viewer },
      { href: '/items', title: 'Find a record', icon: Search, role: viewer },
      { href: '/history', title: 'History', icon: History, role: viewer },
      { href: '/health', title: 'Health', icon: Gauge, role: viewer },
    ],
  },
  {
    title: 'Set up',
    places: [
      { href: '/connections', title: 'Connections', icon: Cable, role: viewer },
      { href: '/reach', title: 'Reach', icon: Radar, role: viewer },
      { href: '/mailboxes', title: 'Mailboxes', icon: Mails, role: viewer },
      { href: '/profiles', title: 'Profiles', icon: SlidersHorizontal, role: viewer },
      { href: '/plan', title: 'Plan', icon: ClipboardList, role: viewer },
    ],
  },
  {
    title: 'This installation',
    places: [
      { href: '/audit', title: 'Audit trail', icon: BookOpenCheck, role: viewer },
      { href: '/users', title: 'Users and tokens', icon: Users, role: viewer },
      { href: '/settings', title: 'Settings', icon: Settings, role: viewer },
    ],
  },
];

/** `/profiles/sales` belongs to `/profiles`; the first page is only itself. */
export const isAt = (href: string, location: string): boolean =>
  href === '/' ? location === '/' : location === href || location.startsWith(`${href}/`);
