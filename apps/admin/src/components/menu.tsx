import { Ellipsis, type LucideIcon } from 'lucide-react';
import { Button, Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';

export interface MenuChoice {
  readonly id: string;
  readonly label: string;
  readonly icon: LucideIcon;
  readonly danger?: boolean;
  readonly onAction: () => void;
}

interface RowMenuProps {
  /** Whose menu: read out as its name. */
  readonly label: string;
  readonly choices: readonly MenuChoice[];
}

export function RowMenu({ label, choices }: RowMenuProps) {
  return (
    <MenuTrigger>
      <Button aria-label={label} className="button quiet small icon">
        <Ellipsis aria-hidden size={18} />
      </Button>
      <Popover className="popover" offset={4} placement="bottom end">
        <Menu className="menu" items={choices}>
          {({ id, label: text, icon: Icon, danger, onAction }) => (
            <MenuItem
              className={danger === true ? 'menu-item danger' : 'menu-item'}
              id={id}
              onAction={onAction}
              textValue={text}
            >
              <Icon aria-hidden size={16} />
              {text}
            </MenuItem>
          )}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
