export type { AadstsError } from './aadsts.ts';
export { aadstsErrors } from './aadsts.ts';
export type { ConsentLag, NewApp } from './app-admin.ts';
export type { EventInput, EventOptions, EventRef, IcsReport } from './calendar/calendar-admin.ts';
export type {
  OracleCalendar,
  OracleContent as OracleEventContent,
  OracleEvent,
  OracleInstance,
} from './calendar/calendar-oracle.ts';
export type { EventContent } from './calendar/event-content.ts';
export type { SentMail } from './calendar/sent-mail.ts';
export type { EventTombstone } from './calendar/stored-event.ts';
export type { ContactContent, EmailAddress, PhysicalAddress } from './contact-content.ts';
export type { NewUser as NewMailboxUser, Scope } from './directory-admin.ts';
export { DIRECTORY_ROLES, type DirectoryRole } from './directory-roles.ts';
export type {
  ListenOptions as Microsoft365ListenOptions,
  Microsoft365Admin,
  Microsoft365Emulator,
  Microsoft365Options,
  Microsoft365Oracle,
} from './emulator.ts';
export { createMicrosoft365 } from './emulator.ts';
export type { IcsRefusal } from './ics/ics-import.ts';
export type { Forgery } from './id-token.ts';
export type { Tombstone } from './mailbox.ts';
export type { ExtendedProperty, OracleContact, OracleFolder } from './oracle.ts';
export type {
  ContactInput,
  ContactRef,
  SettingsChange as Microsoft365SettingsChange,
} from './outlook-admin.ts';
export type { OracleSubscription, PushChange as Microsoft365PushChange } from './push/push-admin.ts';
export type {
  Delivery as Microsoft365Delivery,
  PushSettings as Microsoft365PushSettings,
} from './push/push-world.ts';
export type {
  AppWrite as Microsoft365Write,
  MailboxState,
  PageSettings,
  Settings as Microsoft365Settings,
  TokenSettings,
} from './world.ts';
