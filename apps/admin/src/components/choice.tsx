import { Check, Minus } from 'lucide-react';
import type { ReactNode } from 'react';
import { Checkbox, type CheckboxProps, Label, Radio, RadioGroup, Switch, Text } from 'react-aria-components';

interface CheckProps {
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly children?: ReactNode;
  /** Its name where no text stands beside it. */
  readonly label?: string;
  readonly some?: boolean;
  readonly disabled?: boolean;
}

export function CheckMark({
  checked,
  onChange,
  children,
  label,
  some = false,
  disabled = false,
}: CheckProps) {
  const named: CheckboxProps = label === undefined ? {} : { 'aria-label': label };
  return (
    <Checkbox
      className="check"
      isDisabled={disabled}
      isIndeterminate={some}
      isSelected={checked}
      onChange={onChange}
      {...named}
    >
      <span className="check-box">
        {some ? (
          <Minus aria-hidden size={13} strokeWidth={3} />
        ) : (
          checked && <Check aria-hidden size={13} strokeWidth={3} />
        )}
      </span>
      {children !== undefined && <span>{children}</span>}
    </Checkbox>
  );
}

interface ToggleProps {
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
  readonly children: ReactNode;
  readonly disabled?: boolean;
}

export function Toggle({ on, onChange, children, disabled = false }: ToggleProps) {
  return (
    <Switch className="switch" isDisabled={disabled} isSelected={on} onChange={onChange}>
      <span className="switch-track" />
      <span>{children}</span>
    </Switch>
  );
}

export interface Choice<T extends string> {
  readonly id: T;
  readonly label: string;
  readonly hint?: string | undefined;
}

interface RadiosProps<T extends string> {
  readonly label: string;
  readonly choices: readonly Choice<T>[];
  readonly value: T | null;
  readonly onChange: (value: T) => void;
  readonly hint?: string;
}

export function Radios<T extends string>({ label, choices, value, onChange, hint }: RadiosProps<T>) {
  return (
    <RadioGroup className="field" onChange={(chosen) => onChange(chosen as T)} value={value}>
      <Label className="field-label">{label}</Label>
      {hint !== undefined && (
        <Text className="field-hint" slot="description">
          {hint}
        </Text>
      )}
      {choices.map((choice) => (
        <Radio className="radio" key={choice.id} value={choice.id}>
          <span className="radio-dot" />
          <span>
            <span>{choice.label}</span>
            {choice.hint !== undefined && <span className="field-hint"> {choice.hint}</span>}
          </span>
        </Radio>
      ))}
    </RadioGroup>
  );
}
