/** What the fake service says of its fields. */
export const DESCRIBED = [
  { name: 'first_name', label: 'First name', type: 'text', max_length: 40 },
  { name: 'last_name', label: 'Last name', type: 'text', max_length: 80, required: true },
  { name: 'job_title', label: 'Job title', type: 'text', max_length: 100 },
  { name: 'company', label: 'Company', type: 'text', max_length: 100 },
  { name: 'email', label: 'E-mail', type: 'email', max_length: 120 },
  { name: 'phone', label: 'Phone', type: 'phone', max_length: 40 },
  { name: 'mobile', label: 'Mobile', type: 'phone', max_length: 40 },
  { name: 'address', label: 'Address', type: 'address' },
  { name: 'birthday', label: 'Birthday', type: 'date' },
  { name: 'notes', label: 'Notes', type: 'long_text', max_length: 2000 },
  { name: 'website', label: 'Website', type: 'url', max_length: 200 },
  { name: 'score', label: 'Score', type: 'number', read_only: true },
  { name: 'external_key', label: 'External key', type: 'text', max_length: 64 },
] as const;

interface Refusal {
  readonly status: 422;
  readonly code: string;
  readonly field: string;
}

/** What is wrong with the fields of a create (`whole`) or of an update (`part`), or null. */
export function refuse(fields: Readonly<Record<string, unknown>>, as: 'whole' | 'part'): Refusal | null {
  for (const spec of DESCRIBED) {
    const { name } = spec;
    const value = fields[name];
    const limit = 'max_length' in spec ? spec.max_length : undefined;
    if (typeof value === 'string' && limit !== undefined && value.length > limit)
      return { status: 422, code: 'too_long', field: name };
    const missing = value === null || (as === 'whole' && value === undefined);
    if ('required' in spec && missing) return { status: 422, code: 'required', field: name };
  }
  return null;
}
