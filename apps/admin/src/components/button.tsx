import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button as AriaButton, Tooltip, TooltipTrigger } from 'react-aria-components';
import { Link } from 'wouter';

export type ButtonKind = 'plain' | 'primary' | 'danger' | 'quiet';

interface Look {
  readonly kind?: ButtonKind;
  readonly small?: boolean;
  readonly icon?: LucideIcon;
}

interface ButtonProps extends Look {
  readonly children: ReactNode;
  readonly onPress?: () => void;
  readonly type?: 'button' | 'submit';
  /** It works: pressed again, nothing happens. */
  readonly busy?: boolean;
  readonly disabled?: boolean;
  readonly slot?: string;
}

const classOf = ({ kind = 'plain', small = false }: Look, more = ''): string =>
  ['button', kind === 'plain' ? '' : kind, small ? 'small' : '', more]
    .filter((name) => name !== '')
    .join(' ');

export function Button(props: ButtonProps) {
  const { children, onPress, type = 'button', busy = false, disabled = false, slot, icon: Icon } = props;
  return (
    <AriaButton
      className={classOf(props)}
      isDisabled={disabled}
      isPending={busy}
      type={type}
      {...(onPress && { onPress })}
      {...(slot !== undefined && { slot })}
    >
      {Icon && <Icon aria-hidden size={16} />}
      {busy ? 'Working…' : children}
    </AriaButton>
  );
}

interface IconButtonProps extends Look {
  readonly icon: LucideIcon;
  /** What it does: its name for those who do not see it, and its tooltip. */
  readonly label: string;
  readonly onPress?: () => void;
  readonly disabled?: boolean;
}

export function IconButton({ icon: Icon, label, onPress, disabled = false, ...look }: IconButtonProps) {
  return (
    <TooltipTrigger delay={500}>
      <AriaButton
        aria-label={label}
        className={classOf({ kind: 'quiet', ...look }, 'icon')}
        isDisabled={disabled}
        {...(onPress && { onPress })}
      >
        <Icon aria-hidden size={18} />
      </AriaButton>
      <Tooltip className="tooltip" offset={6}>
        {label}
      </Tooltip>
    </TooltipTrigger>
  );
}

interface LinkButtonProps extends Look {
  readonly href: string;
  readonly children: ReactNode;
}

/** A place to go that looks like something to press. */
export function LinkButton(props: LinkButtonProps) {
  const { href, children, icon: Icon } = props;
  return (
    <Link className={classOf(props)} href={href}>
      {Icon && <Icon aria-hidden size={16} />}
      {children}
    </Link>
  );
}

interface OutsideLinkProps extends Look {
  readonly href: string;
  readonly children: ReactNode;
}

/** A file or a page of the server that is no page of ours: the browser goes there. */
export function OutsideButton(props: OutsideLinkProps) {
  const { href, children, icon: Icon } = props;
  return (
    <a className={classOf(props)} href={href}>
      {Icon && <Icon aria-hidden size={16} />}
      {children}
    </a>
  );
}
