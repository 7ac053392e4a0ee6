import { Menu } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Dialog, Modal, ModalOverlay } from 'react-aria-components';
import { Link, useLocation } from 'wouter';
import { IconButton } from '../components/button.tsx';
import { Logo } from '../components/logo.tsx';
import { Sidebar } from './sidebar.tsx';

interface ShellProps {
  readonly badges: Readonly<Record<string, number>>;
  readonly onSignOut: () => void;
  readonly children: ReactNode;
}

/** Whoever follows a link with the keyboard goes on at the new page's beginning. */
function useFocusOnGo() {
  const [location] = useLocation();
  const main = useRef<HTMLElement>(null);
  const last = useRef(location);
  useEffect(() => {
    if (last.current === location) return;
    last.current = location;
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [location]);
  return main;
}

export function Shell({ badges, onSignOut, children }: ShellProps) {
  const [open, setOpen] = useState(false);
  const main = useFocusOnGo();
  const sidebar = <Sidebar badges={badges} onGo={() => setOpen(false)} onSignOut={onSignOut} />;
  return (
    <>
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <div className="shell">
        {sidebar}
        <header className="topbar">
          <IconButton icon={Menu} label="Pages" onPress={() => setOpen(true)} />
          <Link className="brand" href="/">
            <Logo size={24} />
            Tidelock
          </Link>
        </header>
        <main className="main" id="main" ref={main} tabIndex={-1}>
          {children}
        </main>
      </div>
      <ModalOverlay className="modal-overlay" isDismissable isOpen={open} onOpenChange={setOpen}>
        <Modal className="drawer">
          <Dialog aria-label="Pages">{sidebar}</Dialog>
        </Modal>
      </ModalOverlay>
    </>
  );
}
