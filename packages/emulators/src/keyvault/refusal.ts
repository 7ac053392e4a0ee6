/** A refusal in the service's own words: `{"error":{"code","message","innererror":{"code"}}}`. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly code: string;
  readonly inner: string | undefined;

  constructor(status: number, code: string, text: { readonly message: string; readonly inner?: string }) {
    super(text.message);
    this.status = status;
    this.code = code;
    this.inner = text.inner;
  }
}

export const missing = (kind: 'Secret' | 'Key', name: string): Refusal =>
  new Refusal(404, `${kind}NotFound`, {
    message: `A ${kind.toLowerCase()} with (name/id) ${name} was not found in this key vault. If you recently deleted this ${kind.toLowerCase()} you may be able to recover it using the correct recovery command.`,
  });

export const badParameter = (message: string): Refusal => new Refusal(400, 'BadParameter', { message });

export const isDeleted = (kind: 'Secret' | 'Key', name: string): Refusal =>
  new Refusal(409, 'Conflict', {
    message: `${kind} ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the ${kind.toLowerCase()} can only be recovered or purged.`,
    inner: 'ObjectIsDeletedButRecoverable',
  });

const isChanging = (name: string, inner: string): Refusal =>
  new Refusal(409, 'Conflict', { message: `Object ${name} is being changed.`, inner });

export const isBeingDeleted = (name: string): Refusal => isChanging(name, 'ObjectIsBeingDeleted');
export const isBeingRecovered = (name: string): Refusal => isChanging(name, 'ObjectIsBeingRecovered');
