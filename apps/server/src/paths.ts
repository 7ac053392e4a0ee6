/** Where the API stands. A change that breaks a client gets another number. */
export const API = '/api/v1';
