import { ChevronDown } from 'lucide-react';
import {
  Button,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Select,
  SelectValue,
  Text,
} from 'react-aria-components';
import type { Choice } from './choice.tsx';

interface ChoiceListProps<T extends string> {
  readonly choices: readonly Choice<T>[];
}

function ChoiceList<T extends string>({ choices }: ChoiceListProps<T>) {
  return (
    <Popover className="popover" offset={4}>
      <ListBox
        className="listbox"
        items={choices}
        renderEmptyState={() => <span className="option muted">Nothing fits</span>}
      >
        {(choice) => (
          <ListBoxItem className="option" id={choice.id} textValue={choice.label}>
            <Text slot="label">{choice.label}</Text>
            {choice.hint !== undefined && (
              <Text className="field-hint" slot="description">
                {choice.hint}
              </Text>
            )}
          </ListBoxItem>
        )}
      </ListBox>
    </Popover>
  );
}

interface SelectInputProps<T extends string> extends ChoiceListProps<T> {
  readonly label: string;
  readonly value: T | null;
  readonly onChange: (value: T) => void;
  readonly hint?: string | undefined;
  readonly hideLabel?: boolean;
  readonly placeholder?: string;
  readonly disabled?: boolean;
}

export function SelectInput<T extends string>(props: SelectInputProps<T>) {
  const { label, value, onChange, choices, hint, hideLabel = false, placeholder, disabled = false } = props;
  return (
    <Select
      className="field"
      isDisabled={disabled}
      onChange={(chosen) => onChange(chosen as T)}
      placeholder={placeholder ?? 'Choose'}
      value={value}
    >
      <Label className={hideLabel ? 'sr-only' : 'field-label'}>{label}</Label>
      <Button className="select-button">
        <SelectValue>{({ selectedText, defaultChildren }) => selectedText || defaultChildren}</SelectValue>
        <ChevronDown aria-hidden size={16} />
      </Button>
      {hint !== undefined && (
        <Text className="field-hint" slot="description">
          {hint}
        </Text>
      )}
      <ChoiceList choices={choices} />
    </Select>
  );
}
