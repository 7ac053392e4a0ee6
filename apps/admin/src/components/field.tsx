import { Search } from 'lucide-react';
import type { HTMLInputTypeAttribute } from 'react';
import { FieldError, Input, Label, SearchField, Text, TextArea, TextField } from 'react-aria-components';

interface TextInputProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly hint?: string | undefined;
  /** Why it cannot be taken, and what would be. */
  readonly error?: string | undefined;
  readonly type?: HTMLInputTypeAttribute;
  readonly name?: string;
  readonly autoComplete?: string;
  readonly placeholder?: string;
  readonly required?: boolean;
  readonly autoFocus?: boolean;
  readonly multiline?: boolean;
  readonly hideLabel?: boolean;
}

export function TextInput(props: TextInputProps) {
  const { label, value, onChange, hint, error, type = 'text', multiline = false } = props;
  const { name, autoComplete, placeholder, required = false, autoFocus = false, hideLabel = false } = props;
  const more = { ...(placeholder !== undefined && { placeholder }) };
  return (
    <TextField
      autoFocus={autoFocus}
      className="field"
      isInvalid={error !== undefined}
      isRequired={required}
      onChange={onChange}
      type={type}
      validationBehavior="aria"
      value={value}
      {...(name !== undefined && { name })}
      {...(autoComplete !== undefined && { autoComplete })}
    >
      <Label className={hideLabel ? 'sr-only' : 'field-label'}>{label}</Label>
      {multiline ? <TextArea className="input" {...more} /> : <Input className="input" {...more} />}
      {hint !== undefined && (
        <Text className="field-hint" slot="description">
          {hint}
        </Text>
      )}
      {error !== undefined && <FieldError className="field-error">{error}</FieldError>}
    </TextField>
  );
}

interface SearchInputProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly onSubmit?: (value: string) => void;
  readonly placeholder?: string;
}

export function SearchInput({ label, value, onChange, onSubmit, placeholder }: SearchInputProps) {
  return (
    <SearchField
      aria-label={label}
      className="search"
      onChange={onChange}
      value={value}
      {...(onSubmit && { onSubmit })}
    >
      <Search aria-hidden size={16} />
      <Input className="input" placeholder={placeholder ?? label} />
    </SearchField>
  );
}
