export type MailKind = 'invitation' | 'update' | 'cancellation' | 'response' | 'forward';

/** One e-mail to one person that the service sent because a calendar was written. */
export interface SentMail {
  readonly at: number;
  readonly kind: MailKind;
  /** An application's write, or what a person did in Outlook. */
  readonly by: 'app' | 'user';
  /** The mailbox that it left from: user id. */
  readonly userId: string;
  readonly to: string;
  readonly subject: string;
  readonly uid: string;
  /** Of a single date of a series: the day that the pattern gave, in days since 1970. */
  readonly day: number | null;
}
