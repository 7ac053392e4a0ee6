/** One event before it is sent to subscribers. */
export type WebhookEvent =
  | {
      readonly kind: 'creation' | 'deletion' | 'restore' | 'privacyDeletion';
      readonly objectType: string;
      readonly id: string;
      readonly at: number;
      readonly source: string;
    }
  | {
      readonly kind: 'propertyChange';
      readonly objectType: string;
      readonly id: string;
      readonly at: number;
      readonly source: string;
      readonly property: string;
      readonly value: string;
    }
  | {
      readonly kind: 'merge';
      readonly objectType: string;
      readonly id: string;
      readonly at: number;
      readonly source: string;
      readonly primaryId: string;
      readonly mergedIds: readonly string[];
      readonly newId: string;
    };
