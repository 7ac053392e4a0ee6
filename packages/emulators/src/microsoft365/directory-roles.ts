/** Template ids of directory roles, as `wids` carries them: the same in every tenant. */
export const DIRECTORY_ROLES = {
  'global-administrator': '62e90394-69f5-4237-9190-012177145e10',
  'privileged-role-administrator': 'e8611ab8-c189-46e8-94e1-60213ab1f814',
  'application-administrator': '9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3',
  'cloud-application-administrator': '158c047a-c907-4556-b7ef-446551a6b5f7',
  'exchange-administrator': '29232cdf-9323-42fd-ade2-1d097af3e4de',
} as const;

export type DirectoryRole = keyof typeof DIRECTORY_ROLES;

/** What the claim holds for everybody who is a member and nothing else. */
export const MEMBER_WID = 'b79fbf4d-3ef9-4689-8143-76b194e85509';

/** May grant application permissions of Microsoft Graph for the whole organisation. */
export const mayConsent = (roles: ReadonlySet<DirectoryRole>): boolean =>
  roles.has('global-administrator') || roles.has('privileged-role-administrator');
