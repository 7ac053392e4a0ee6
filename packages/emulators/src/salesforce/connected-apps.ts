/** A connected (external client) app of the org. */
export interface ConnectedApp {
  readonly consumerKey: string;
  /** Certificate that JWT assertions are verified with; without it the JWT flow is off. */
  readonly certPem?: string;
  /** Consumer secret of the client credentials flow; without it that flow is off. */
  readonly secret?: string;
  /** Id of the execution user of the client credentials flow. */
  readonly runAs?: string;
  /** `admin-approved` refuses users without approval by another error than `self-authorize`. */
  readonly policy?: 'self-authorize' | 'admin-approved';
  readonly name?: string;
}

export interface ConnectedApps {
  register(app: ConnectedApp): void;
  find(consumerKey: string): ConnectedApp | undefined;
  approve(userId: string, consumerKey: string): void;
  withdraw(userId: string, consumerKey: string): void;
  isApproved(userId: string, consumerKey: string): boolean;
}

export function createConnectedApps(): ConnectedApps {
  const apps = new Map<string, ConnectedApp>();
  const approvals = new Set<string>();
  const pair = (userId: string, consumerKey: string): string => `${userId} ${consumerKey}`;
  return {
    register(app) {
      apps.set(app.consumerKey, { ...app });
    },
    find: (consumerKey) => apps.get(consumerKey),
    approve(userId, consumerKey) {
      approvals.add(pair(userId, consumerKey));
    },
    withdraw(userId, consumerKey) {
      approvals.delete(pair(userId, consumerKey));
    },
    isApproved: (userId, consumerKey) => approvals.has(pair(userId, consumerKey)),
  };
}
