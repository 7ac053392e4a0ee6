import { LogOut, Monitor, Moon, Sun } from 'lucide-react';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { mayActAs } from '../api/session.ts';
import { IconButton } from '../components/button.tsx';
import { Logo } from '../components/logo.tsx';
import { count } from '../words/figures.ts';
import { isAt, PLACES, type Place } from './places.ts';
import { usePrincipal } from './session.tsx';
import { chooseTheme, storedTheme, THEMES, type Theme } from './theme.ts';

const ICON = { system: Monitor, light: Sun, dark: Moon } as const;
const NAME: Readonly<Record<Theme, string>> = {
  system: 'Colours of the system',
  light: 'Light colours',
  dark: 'Dark colours',
};

function ThemeButton() {
  const [theme, setTheme] = useState(storedTheme);
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system';
  return (
    <IconButton
      icon={ICON[theme]}
      label={`${NAME[theme]}. Change to: ${NAME[next].toLowerCase()}`}
      onPress={() => {
        chooseTheme(next);
        setTheme(next);
      }}
    />
  );
}

interface PlaceLinkProps {
  readonly place: Place;
  readonly badge: number;
  readonly onGo: () => void;
}

function PlaceLink({ place: { href, title, icon: Icon }, badge, onGo }: PlaceLinkProps) {
  const [location] = useLocation();
  const current = isAt(href, location) ? 'page' : undefined;
  return (
    <li>
      <Link aria-current={current} className="nav-link" href={href} onClick={onGo}>
        <Icon aria-hidden size={17} />
        {title}
        {badge > 0 && (
          <span className="nav-badge">
            {count(badge)}
            <span className="sr-only"> open</span>
          </span>
        )}
      </Link>
    </li>
  );
}

interface SidebarProps {
  /** Open questions, by the address of the page that answers them. */
  readonly badges: Readonly<Record<string, number>>;
  readonly onGo: () => void;
  readonly onSignOut: () => void;
}

export function Sidebar({ badges, onGo, onSignOut }: SidebarProps) {
  const { name, role } = usePrincipal();
  return (
    <div className="sidebar">
      <Link className="brand" href="/" onClick={onGo}>
        <Logo />
        Tidelock
      </Link>
      <nav aria-label="Pages" className="nav">
        {PLACES.map(({ title, places }) => {
          const open = places.filter((place) => mayActAs(role, place.role));
          if (open.length === 0) return null;
          return (
            <div key={title}>
              <div className="nav-title">{title}</div>
              <ul>
                {open.map((place) => (
                  <PlaceLink badge={badges[place.href] ?? 0} key={place.href} onGo={onGo} place={place} />
                ))}
              </ul>
            </div>
          );
        })}
      </nav>
      <div className="sidebar-foot">
        <div className="who">
          <span className="strong">{name}</span>
          <span className="muted small">{role}</span>
        </div>
        <ThemeButton />
        <IconButton icon={LogOut} label="Sign out" onPress={onSignOut} />
      </div>
    </div>
  );
}
